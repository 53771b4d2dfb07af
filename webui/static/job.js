// Shows how far the reading of notes is, without anybody's doing; when it has ended the page comes anew. Without
// this script a link does the same.
"use strict";

const PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
const job = document.querySelector("[data-job]");

async function look() {
  const reply = await fetch(job.dataset.job, { signal: AbortSignal.timeout(10_000) });
  if (reply.status === 404) return location.reload();
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  const part = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".job-part");
  const shown = job.querySelector(".job-part");
  if (!["waiting", "running"].includes(part.dataset.state)) return location.reload();
  if (part.dataset.state !== shown.dataset.state) {
    // Only another state is told to a screen reader, not each line that was read.
    job.querySelector("[role=status]").textContent = part.querySelector(".job-state").textContent;
  }
  shown.replaceWith(part);
}

async function follow(pause) {
  let next = PAUSE;
  try {
    if (!document.hidden) await look();
  } catch {
    next = Math.min(2 * pause, LONGEST_PAUSE);
  }
  setTimeout(follow, next, next);
}

if (job) setTimeout(follow, PAUSE, PAUSE);

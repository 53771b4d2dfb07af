// Fetches the answer that a language model writes, which takes seconds, and puts it where the quoted one stands.
// Without this script, and when the fetching fails, the quoted answer stays.
"use strict";

const LONGEST_WAIT = 60_000;
const section = document.querySelector("[data-answer]");

async function write() {
  const told = section.querySelector(".told");
  const status = section.querySelector("[role=status]");
  status.textContent = status.dataset.writing;
  section.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(section.dataset.answer, { signal: AbortSignal.timeout(LONGEST_WAIT) });
    // What comes is a page's part, made by this server: the model's words are text in it. It is parsed apart,
    // where nothing runs, and only its elements are taken.
    const part = reply.ok && new DOMParser().parseFromString(await reply.text(), "text/html");
    if (part && part.querySelector(".sentences")) {
      const reading = told.contains(document.activeElement);
      told.replaceChildren(...part.body.children);
      if (reading) section.focus();
      status.classList.add("quiet");
      status.textContent = status.dataset.written;
    } else {
      status.textContent = "";
    }
  } catch {
    status.textContent = "";
  }
  section.removeAttribute("aria-busy");
  if (!told.children.length) section.remove();
}

if (section) write();

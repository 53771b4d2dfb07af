// Asks the API from its page, with the session of this browser, and shows what it answers. Without this script the
// forms lead to the answers themselves.
"use strict";

function address(form) {
  const used = new Set();
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
    used.add(name);
    return encodeURIComponent(form.elements[name].value.trim() || "0");
  });
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!used.has(name) && value.trim()) query.append(name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

// Within single quotes a shell takes everything as it is, but for these.
function quoted(text) {
  return `'${text.replaceAll("'", "%27")}'`;
}

async function ask(form) {
  const answered = form.querySelector(".answered");
  const shown = form.querySelector(".shown");
  const begun = performance.now();
  answered.textContent = "…";
  shown.hidden = true;
  try {
    const reply = await fetch(address(form), { headers: { Accept: "application/json" } });
    const text = await reply.text();
    const length = Math.round(performance.now() - begun);
    answered.textContent = form.dataset.answered.replace("%status%", reply.status).replace("%time%", length);
    shown.textContent = reply.headers.get("Content-Type")?.startsWith("application/json")
      ? JSON.stringify(JSON.parse(text), null, 2)
      : text;
    shown.hidden = false;
  } catch {
    answered.textContent = form.dataset.silent;
  }
}

function prepare(form) {
  const line = form.querySelector("[data-curl]");
  const write = () => {
    line.textContent = `${line.dataset.curl} ${quoted(location.origin + address(form))}`;
  };
  write();
  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  const copy = form.querySelector("[data-copied]");
  if (!navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(line.textContent);
    form.querySelector(".answered").textContent = copy.dataset.copied;
  });
}

document.querySelectorAll("form[data-path]").forEach(prepare);

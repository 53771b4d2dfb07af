// Shows where a statement comes from: the lines of the notes light up while it is hovered or edited, and the
// statements light up while one of their lines is hovered. Without this script the line numbers are links.
"use strict";

const pane = document.querySelector(".numbered");
const statements = [...document.querySelectorAll("[data-lines]")].filter((one) => one.tagName === "LI");
const numbersOf = (one) => one.dataset.lines.split(",").filter(Boolean);
const lineOf = (number) => document.getElementById(`L${number}`);
const beside = matchMedia("(min-width: 62rem)");
let pinned = null;

function light(one) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (!one) return;
  one.classList.add("lit");
  const lines = numbersOf(one).map(lineOf).filter(Boolean);
  for (const line of lines) line.classList.add("lit");
  if (!lines.length || !beside.matches) return;
  // Only the pane of the notes moves, never the page under the reader's eyes.
  const top = lines[0].offsetTop - pane.offsetTop;
  const visible = top >= pane.scrollTop && top + lines[0].offsetHeight <= pane.scrollTop + pane.clientHeight;
  if (!visible) pane.scrollTop = Math.max(0, top - pane.clientHeight / 3);
}

for (const one of statements) {
  one.addEventListener("pointerenter", () => light(one));
  one.addEventListener("pointerleave", () => light(pinned));
  one.addEventListener("focusin", () => light(pinned = one));
  one.addEventListener("focusout", () => light(pinned = null));
}

// Where the notes stand below the form, going there and back would lose the thread: the lines are quoted in place.
for (const link of document.querySelectorAll("a.lines")) {
  link.addEventListener("click", (event) => {
    if (beside.matches) return;
    event.preventDefault();
    const row = link.closest(".meta");
    const open = row.nextElementSibling;
    if (open?.matches(".quote")) return open.remove();
    const quote = document.createElement("blockquote");
    quote.className = "quote";
    quote.lang = pane.lang;
    quote.textContent = link.dataset.lines.split(",")
      .map((number) => lineOf(number)?.querySelector("span").textContent.trim()).filter(Boolean).join("\n");
    row.after(quote);
  });
}

for (const line of pane ? pane.children : []) {
  const number = line.id.slice(1);
  const users = statements.filter((one) => numbersOf(one).includes(number));
  if (!users.length) continue;
  line.classList.add("used");
  line.addEventListener("pointerenter", () => {
    light(null);
    for (const one of [line, ...users]) one.classList.add("lit");
  });
  line.addEventListener("pointerleave", () => light(pinned));
}

// Small comforts of the draft's form.
const form = document.querySelector("form[data-draft]");
if (form) {
  let changed = false;
  form.addEventListener("input", (event) => { changed ||= event.target.type !== "password"; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  // Enter in the publishing fields publishes; anywhere else it saves, as the form does by itself.
  const publish = form.querySelector("button[value=publish]");
  for (const field of publish ? form.querySelectorAll("#account, #password") : []) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit(publish);
    });
  }

  if (!CSS.supports("field-sizing", "content")) {
    const fit = (area) => { area.rows = 2; while (area.scrollHeight > area.clientHeight && area.rows < 20) area.rows += 1; };
    for (const area of form.querySelectorAll("textarea")) {
      fit(area);
      area.addEventListener("input", () => fit(area));
    }
  }
}

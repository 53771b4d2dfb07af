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

const usersOf = (line) => statements.filter((one) => numbersOf(one).includes(line.id.slice(1)));

function markUsed() {
  for (const line of pane ? pane.children : []) line.classList.toggle("used", usersOf(line).length > 0);
}

for (const line of pane ? pane.children : []) {
  line.addEventListener("pointerenter", () => {
    const users = usersOf(line);
    if (!users.length) return;
    light(null);
    for (const one of [line, ...users]) one.classList.add("lit");
  });
  line.addEventListener("pointerleave", () => light(pinned));
}
markUsed();

// Lines as people write them, "12, 14–16"; null for what names no lines of these notes.
function writtenLines(text) {
  const lines = new Set();
  for (const part of text.replace(/\s*[-‐‑‒–—]\s*/g, "-").split(/[\s,;]+/).filter(Boolean)) {
    const span = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part);
    if (!span) return null;
    const [first, last] = [Number(span[1]), Number(span[2] ?? span[1])].sort((a, b) => a - b);
    if (first < 1 || last > pane.children.length) return null;
    for (let number = first; number <= last; number += 1) lines.add(number);
  }
  return [...lines].sort((a, b) => a - b);
}

// What a reviewer writes lights up at once.
for (const field of document.querySelectorAll(".line-numbers")) {
  field.addEventListener("input", () => {
    const lines = writtenLines(field.value);
    if (!lines) return;
    const statement = field.closest("[data-lines]");
    statement.dataset.lines = lines.join(",");
    const link = statement.querySelector("a.lines");
    if (link && lines.length) {
      link.dataset.lines = statement.dataset.lines;
      link.href = `#L${lines[0]}`;
      link.textContent = link.textContent.replace(/\d.*$/s, field.value.trim());
    }
    markUsed();
    light(statement);
  });
}

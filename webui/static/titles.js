// Completes the title of a page while it is typed. Without this script the same form works: it answers with
// the titles that contain the words.
"use strict";

const field = document.querySelector("input[data-titles]");
const list = field && document.getElementById(field.getAttribute("list"));
let asked = "";
let timer = 0;

async function complete() {
  const text = field.value.trim();
  if (text.length < 2 || text === asked) return;
  asked = text;
  const answer = await fetch(`${field.dataset.titles}?q=${encodeURIComponent(text)}`).catch(() => null);
  if (!answer || !answer.ok || text !== asked) return;
  const titles = await answer.json();
  list.replaceChildren(...titles.map((title) => {
    const option = document.createElement("option");
    option.value = title;
    return option;
  }));
}

if (list) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(complete, 150);
  });
}

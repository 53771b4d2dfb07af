// Offers the titles of pages while one is typed: a combobox with a list, as the ARIA practices describe it
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Without this script the same form works as it is.
"use strict";

const PAUSE = 150;
const SHORTEST = 2;
const LONGEST = 100;
const field = document.querySelector("input[data-titles]");

function offerTitles(field) {
  const list = document.createElement("ul");
  list.id = `${field.id}-titles`;
  list.className = "titles";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.titlesLabel);
  list.hidden = true;
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  let asked = field.value.trim();
  let typed = field.value;
  let chosen = -1;
  let timer = 0;

  function close() {
    clearTimeout(timer);
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function show(titles) {
    list.replaceChildren(...titles.map(({ title, matched }, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.title = title;
      option.append(title);
      if (matched !== title) {
        const other = document.createElement("small");
        other.append(` ${matched}`);
        option.append(other);
      }
      return option;
    }));
    chosen = -1;
    list.hidden = !titles.length;
    field.setAttribute("aria-expanded", String(titles.length > 0));
  }

  async function complete() {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    if (text.length < SHORTEST || text.length > LONGEST) return close();
    const reply = await fetch(`${field.dataset.titles}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (text !== asked || document.activeElement !== field) return;
    if (!reply || !reply.ok) return close();
    const { titles } = await reply.json();
    if (text === asked) show(titles);
  }

  function choose(number) {
    const options = [...list.children];
    chosen = number;
    for (const [place, option] of options.entries()) option.setAttribute("aria-selected", String(place === number));
    if (number < 0) {
      field.value = typed;
      field.removeAttribute("aria-activedescendant");
    } else {
      field.value = options[number].dataset.title;
      field.setAttribute("aria-activedescendant", options[number].id);
      options[number].scrollIntoView({ block: "nearest" });
    }
  }

  field.addEventListener("input", () => {
    typed = field.value;
    clearTimeout(timer);
    timer = setTimeout(complete, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      // From the field into the list, around, and back to what was typed.
      const places = list.children.length + 1;
      choose(((chosen + 1 + step + places) % places) - 1);
      event.preventDefault();
    } else if (event.key === "Escape") {
      choose(-1);
      close();
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === "Tab") {
      close();
    }
  });
  field.addEventListener("blur", close);
  // The field must not lose the focus before the click has said which title it was.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    field.value = option.dataset.title;
    close();
    // In a form that asks for more than a title, choosing one is not yet sending it.
    if (field.dataset.titlesChooses) field.dispatchEvent(new Event("input", { bubbles: true }));
    else field.form.requestSubmit();
  });
}

if (field) offerTitles(field);

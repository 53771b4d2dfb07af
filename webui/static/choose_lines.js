// Chooses the lines of a statement in the notes: a list box of several choices, as the ARIA practices describe it
// (https://www.w3.org/WAI/ARIA/apg/patterns/listbox/). Without this script their numbers are written in a field.
"use strict";

{
  const notes = document.querySelector(".numbered");
  const bar = document.querySelector(".choosing");
  const lines = [...notes.children];
  let field = null;
  let active = 0;
  let anchor = 0;

  const isChosen = (line) => line.getAttribute("aria-selected") === "true";

  function choose(place, chosen) {
    lines[place].setAttribute("aria-selected", String(chosen));
  }

  function chooseTo(place) {
    const chosen = isChosen(lines[anchor]);
    for (let one = Math.min(anchor, place); one <= Math.max(anchor, place); one += 1) choose(one, chosen);
  }

  function goTo(place) {
    lines[active].classList.remove("active");
    active = Math.max(0, Math.min(lines.length - 1, place));
    lines[active].classList.add("active");
    notes.setAttribute("aria-activedescendant", lines[active].id);
    lines[active].scrollIntoView({ block: "nearest" });
  }

  function spans(numbers) {
    const found = [];
    for (const number of numbers) {
      const last = found.at(-1);
      if (last && number === last[1] + 1) last[1] = number;
      else found.push([number, number]);
    }
    return found.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  }

  function begin(button) {
    if (field) end();
    field = document.getElementById(button.dataset.choose);
    const statement = field.closest("[data-lines]");
    const chosen = statement.dataset.lines.split(",").filter(Boolean).map(Number);
    bar.querySelector("strong").textContent = button.dataset.name;
    bar.hidden = false;
    notes.classList.add("choosable");
    notes.setAttribute("role", "listbox");
    notes.setAttribute("aria-multiselectable", "true");
    notes.setAttribute("aria-labelledby", "choosing-what");
    notes.setAttribute("aria-describedby", "choosing-how");
    for (const [place, line] of lines.entries()) {
      line.setAttribute("role", "option");
      choose(place, chosen.includes(place + 1));
    }
    notes.focus({ preventScroll: true });
    bar.scrollIntoView({ block: "nearest" });
    anchor = chosen.length ? chosen[0] - 1 : 0;
    goTo(anchor);
  }

  function end() {
    const left = field;
    field = null;
    bar.hidden = true;
    notes.classList.remove("choosable");
    for (const name of ["role", "aria-multiselectable", "aria-activedescendant", "aria-describedby"]) notes.removeAttribute(name);
    notes.setAttribute("aria-labelledby", "notes-heading");
    for (const line of lines) {
      for (const name of ["role", "aria-selected"]) line.removeAttribute(name);
      line.classList.remove("active");
    }
    left.focus();
  }

  function take() {
    field.value = spans(lines.flatMap((line, place) => (isChosen(line) ? [place + 1] : [])));
    const changed = field;
    end();
    changed.dispatchEvent(new Event("input", { bubbles: true }));
  }

  for (const button of document.querySelectorAll("[data-choose]")) {
    button.hidden = false;
    button.addEventListener("click", () => begin(button));
  }
  bar.querySelector("[data-take]").addEventListener("click", take);
  bar.querySelector("[data-leave]").addEventListener("click", end);

  for (const [place, line] of lines.entries()) {
    line.addEventListener("click", (event) => {
      if (!field) return;
      event.preventDefault();
      if (event.shiftKey) {
        chooseTo(place);
      } else {
        choose(place, !isChosen(line));
        anchor = place;
      }
      goTo(place);
    });
  }

  notes.addEventListener("keydown", (event) => {
    if (!field) return;
    const target = {
      ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: lines.length - 1, PageDown: active + 10, PageUp: active - 10,
    }[event.key];
    if (target !== undefined) {
      goTo(target);
      if (event.shiftKey) chooseTo(active);
      else anchor = active;
    } else if (event.key === " ") {
      choose(active, !isChosen(lines[active]));
      anchor = active;
    } else if (event.key === "Enter") {
      take();
    } else if (event.key === "Escape") {
      end();
    } else {
      return;
    }
    event.preventDefault();
  });
}

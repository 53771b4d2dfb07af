// Small comforts of a draft's form. Without this script the same form works as it is.
"use strict";

{
  const form = document.querySelector("form[data-draft]");

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

  // Who writes the title of another page means that page.
  const other = form.querySelector("#other-title");
  other.addEventListener("input", () => {
    if (other.value.trim()) form.querySelector("input[name=target][value=other]").checked = true;
  });

  // The button that creates a page names the title as it stands now.
  const title = form.querySelector("#title");
  let named = title.defaultValue;
  const nameIt = () => {
    if (publish && publish.textContent.includes(named) && title.value.trim()) {
      publish.textContent = publish.textContent.replace(named, () => title.value.trim());
      named = title.value.trim();
    }
  };
  title.addEventListener("input", nameIt);
  nameIt(); // it may have been typed, or brought back by the browser, before this was read

  if (!CSS.supports("field-sizing", "content")) {
    const fit = (area) => { area.rows = 2; while (area.scrollHeight > area.clientHeight && area.rows < 20) area.rows += 1; };
    for (const area of form.querySelectorAll("textarea")) {
      fit(area);
      area.addEventListener("input", () => fit(area));
    }
  }
}

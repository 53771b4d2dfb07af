// Sends “This helped” and “Not what I asked” without loading the page anew. Without this script, and when the
// sending fails, the form goes its usual way.
"use strict";

function sendBeside(form) {
  const status = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    const pressed = event.submitter;
    if (!pressed || form.dataset.plain) return;
    event.preventDefault();
    const body = new FormData(form, pressed);
    const options = { method: "POST", body, headers: { "X-Compagnon-Script": "1" }, redirect: "manual" };
    const reply = await fetch(form.action, options).catch(() => null);
    if (!reply || reply.status !== 204) {
      // Signed out meanwhile, perhaps: the page that comes says what is the matter.
      form.dataset.plain = "1";
      form.requestSubmit(pressed);
      return;
    }
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    status.textContent = form.dataset.thanks;
  });
}

for (const form of document.querySelectorAll("form.verdicts")) sendBeside(form);

// Buttons that copy what stands in a field, or print the page: shown only where the browser can.
document.querySelectorAll("button[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const status = document.getElementById(button.dataset.status);
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    status.textContent = button.dataset.copied;
  });
});
document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

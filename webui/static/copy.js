// Buttons that copy what stands in a field, or print the page. Where the browser does not let this page copy,
// over plain HTTP or because somebody said no, the text is selected instead: one key is left to press.
async function isCopied(field) {
  if (!navigator.clipboard) return false;
  try {
    await navigator.clipboard.writeText(field.value);
  } catch (refusal) {
    if (!(refusal instanceof DOMException)) throw refusal;
    return false;
  }
  return true;
}

function select(field) {
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
  field.select();
}

document.querySelectorAll("button[data-copy]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const status = document.getElementById(button.dataset.status);
    const field = document.getElementById(button.dataset.copy);
    status.textContent = ""; // said again, it is read out again
    const copied = await isCopied(field);
    if (!copied) select(field);
    status.textContent = copied ? button.dataset.copied : button.dataset.refused;
  });
});
document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

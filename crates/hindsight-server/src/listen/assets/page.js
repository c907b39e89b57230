// Copy buttons. The page is complete without this file.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const code = button.closest("figure").querySelector("code");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "copied";
    } catch {
      button.textContent = "select and copy by hand";
    }
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
}

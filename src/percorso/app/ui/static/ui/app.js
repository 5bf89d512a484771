// Keyboard help and small comforts. Every page works without it.
(() => {
  "use strict";
  const help = document.getElementById("keyboard-help");
  const choice = document.getElementById("keyboard-choice");
  const remembered = "percorso.keyboard";
  const on = () => {
    try { return localStorage.getItem(remembered) !== "off"; } catch { return true; }
  };

  if (choice) {
    choice.checked = on();
    choice.addEventListener("change", () => {
      try { localStorage.setItem(remembered, choice.checked ? "on" : "off"); } catch { /* private window */ }
    });
  }
  for (const opener of document.querySelectorAll("[data-opens-help]")) {
    opener.addEventListener("click", () => help?.showModal());
  }

  const typing = (element) => element.closest?.("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !on() || typing(event.target)) return;
    if (event.key === "?" && help) {
      event.preventDefault();
      help.open ? help.close() : help.showModal();
    } else if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  // A button that asks before it does what cannot be undone.
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm;
    if (words && !window.confirm(words)) event.preventDefault();
  });

  // A link to give to somebody: one press copies it.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.done;
  });

  // Files can be dropped on the whole field.
  for (const zone of document.querySelectorAll("[data-drop]")) {
    const input = zone.querySelector("input[type=file]");
    const over = (state) => zone.classList.toggle("over", state);
    zone.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    zone.addEventListener("dragleave", () => over(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
})();

// What is written on a map as it is to be can be dragged to another place. Its buttons do the same.
(() => {
  "use strict";
  let dragged = null;
  const over = (cell) => {
    for (const each of document.querySelectorAll(".cell.over")) each.classList.remove("over");
    cell?.classList.add("over");
  };
  const cellOf = (event) => (dragged ? event.target.closest?.("[data-lane]") : null);

  // The entry that what is dragged comes before: the one under the pointer, or the one after it.
  const following = (event) => {
    const entry = event.target.closest("[data-entry]");
    if (!entry) return null;
    const box = entry.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2 ? entry : entry.nextElementSibling;
  };

  document.addEventListener("dragstart", (event) => {
    // A link or words that were marked are dragged as ever.
    dragged = event.target.matches?.("[data-entry]") ? event.target : null;
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const cell = cellOf(event);
    over(cell);
    if (cell) event.preventDefault();
  });
  document.addEventListener("dragend", () => { over(null); dragged = null; });
  document.addEventListener("drop", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    event.preventDefault();
    const next = following(event);
    if (next === dragged) return;
    const form = dragged.querySelector("form");
    const said = { do: "put", phase: cell.dataset.phase, lane: cell.dataset.lane, before: next?.dataset.entry ?? "" };
    for (const [name, value] of Object.entries(said)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    form.requestSubmit();
  });
})();

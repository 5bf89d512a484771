// The journey graph: what is joined to the touchpoint under the pointer lights up, and the arrow
// keys go from touchpoint to touchpoint. Every link works without this.
(() => {
  "use strict";
  const graphOf = (element) => element.closest?.("[data-graph]");
  const nodeOf = (element) => element.closest?.("[data-key]");

  const light = (graph, key) => {
    graph.classList.toggle("hovering", Boolean(key));
    for (const ribbon of graph.querySelectorAll(".ribbon")) {
      ribbon.classList.toggle("lit", Boolean(key) && (ribbon.dataset.from === key || ribbon.dataset.to === key));
    }
  };
  const follow = (event) => {
    const graph = graphOf(event.target);
    if (!graph) return;
    const node = nodeOf(event.target);
    const entering = event.type === "pointerover" || event.type === "focusin";
    light(graph, entering && node ? node.dataset.key : "");
  };
  for (const name of ["pointerover", "pointerout", "focusin", "focusout"]) document.addEventListener(name, follow);

  // To the neighbour in the column, or to the one at about the same height in the next.
  const neighbour = (graph, node, key) => {
    const nodes = [...graph.querySelectorAll("[data-key]")];
    const at = (each) => ({ column: Number(each.dataset.column), row: Number(each.dataset.row), y: each.getBBox().y });
    const here = at(node);
    if (key === "ArrowUp" || key === "ArrowDown") {
      const row = here.row + (key === "ArrowDown" ? 1 : -1);
      return nodes.find((each) => at(each).column === here.column && at(each).row === row);
    }
    const column = here.column + (key === "ArrowRight" ? 1 : -1);
    return nodes.filter((each) => at(each).column === column)
      .sort((one, other) => Math.abs(at(one).y - here.y) - Math.abs(at(other).y - here.y))[0];
  };
  document.addEventListener("keydown", (event) => {
    const node = nodeOf(event.target);
    const graph = node && graphOf(node);
    if (!graph || !event.key.startsWith("Arrow")) return;
    const next = neighbour(graph, node, event.key);
    if (next) { event.preventDefault(); next.focus(); }
  });
  // A link to what is picked shows it, where the drawing is wider than the screen.
  document.addEventListener("DOMContentLoaded", () => {
    const node = document.querySelector("[data-graph] .node.picked");
    const canvas = node?.closest(".canvas");
    if (!canvas) return;
    const [box, frame] = [node.getBoundingClientRect(), canvas.getBoundingClientRect()];
    canvas.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    document.querySelector(".pick [data-close]")?.click();
  });
})();

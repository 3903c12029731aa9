// The rows come ready-made from our own server, where every value in them is escaped.
"use strict";
const rows = document.getElementById("rows");
const live = document.getElementById("live");
const MOST = 200;

function show(on) {
  live.textContent = on ? live.dataset.on : live.dataset.off;
  live.classList.toggle("on", on);
}

const source = new EventSource(rows.dataset.stream);
source.onopen = () => show(true);
source.onerror = () => show(false);
source.onmessage = (message) => {
  rows.insertAdjacentHTML("afterbegin", message.data);
  rows.firstElementChild.classList.add("new");
  document.getElementById("no-events")?.remove();
  while (rows.children.length > MOST) rows.lastElementChild.remove();
};
addEventListener("pagehide", () => source.close());

// Draws the days of a month with uPlot: zoomable, in the page's own colours. The table beside the
// plots has the same figures, so that nothing here is needed to read them.
(function () {
  "use strict";

  const HEIGHT = 240;
  const DAY = 86400;
  const DAYS = [1, 2, 7, 14];
  const PLOTS = [
    { title: "Alerts of each day", unit: "", series: [["alerts", "alerts", 1], ["life_safety", "life safety", 2]] },
    {
      title: "Answered within 60 and 180 seconds, % (life safety and urgent)",
      unit: " %",
      range: [0, 100],
      series: [["within_60", "in 60 s", 1], ["within_180", "in 180 s", 3]],
    },
    {
      title: "From the sensor to a named person, seconds",
      unit: " s",
      series: [["median", "median", 1], ["slowest", "slowest", 2]],
    },
  ];

  const place = document.getElementById("plots");
  if (!place || !window.uPlot) return;

  function colour(name, otherwise) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
  }

  // A day is told by its first moment in UTC, which here stands for the local day.
  function dayOf(at) {
    return new Date(at * 1000).toISOString().slice(5, 10);
  }

  function draw(columns) {
    place.replaceChildren();
    for (const plot of PLOTS) {
      const box = document.createElement("div");
      box.className = "tc-plot";
      place.append(box);
      if (!plot.series.some(([name]) => columns[name].some((value) => value !== null))) {
        box.className = "tc-soft";
        box.textContent = plot.title + ": nothing in this month.";
        continue;
      }
      const text = colour("--tc-text", "#111");
      const line = colour("--tc-line", "#bbb");
      const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
      const days = { ...axis, incrs: DAYS.map((one) => one * DAY), values: (_, splits) => splits.map(dayOf) };
      new uPlot(
        {
          title: plot.title,
          width: Math.max(280, place.clientWidth),
          height: HEIGHT,
          tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
          scales: plot.range ? { y: { range: plot.range } } : {},
          axes: [days, axis],
          series: [
            { label: "day", value: (_, at) => (at === null ? "–" : dayOf(at)) },
            ...plot.series.map(([, label, number]) => ({
              label,
              stroke: colour("--tc-plot-" + number, "#1f5f99"),
              width: 2,
              spanGaps: false,
              points: { show: true, size: 5 },
              value: (_, value) => (value === null ? "–" : value + plot.unit),
            })),
          ],
        },
        [columns.day, ...plot.series.map(([name]) => columns[name])],
        box
      );
    }
  }

  let known = null;

  fetch(place.dataset.from, { headers: { Accept: "application/json" } })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    })
    .then((columns) => {
      known = columns;
      draw(columns);
    })
    .catch(() => {
      place.textContent = "The plots could not be drawn; the table below has the figures.";
    });

  // Paper has no triangles to press: every figure is printed.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => known && draw(known), 200);
  });
})();

// The explorer page: reads the choices, loads a setting's script, and draws with BokehJS. Needs no server.
"use strict";

const neuronlibExplorer = {
  settings: [], // these five are in settings.js
  hidden: {},
  names: {},
  colours: {},
  layerColours: [],
  loaded: {},
  waiting: {},

  receive(data) {
    this.loaded[data.name] = data;
    if (this.waiting[data.name]) this.waiting[data.name](data);
  },

  load(name) {
    if (this.loaded[name]) return Promise.resolve(this.loaded[name]);
    return new Promise((resolve, reject) => {
      this.waiting[name] = resolve;
      const script = document.createElement("script");
      script.src = `${this.root}/${name}.js`;
      script.onerror = () => reject(new Error(`${name}.js is not there`));
      document.head.append(script);
    });
  },
};

(() => {
  const SHORT = { entropy: "h", mutual_information: "mi", kl_selectivity: "kl" };
  const SELECTS = ["network", "activation", "regularizer", "layer", "replacement"];
  const BOXES = ["measure", "direction"];
  const LINK = "SETTING/LAYER/MEASURES/ORDERS/REPLACEMENT/STEP";
  const byId = (id) => document.getElementById(`explorer-${id}`);
  const value = (field) => byId(field).value;
  const options = (field) => [...byId(field).options].map((option) => option.value);
  const boxes = (field) => [...byId(field).querySelectorAll("input")];
  const ticked = (field) => boxes(field).filter((box) => box.checked).map((box) => box.value);
  const settingName = () => `${value("network")}-${value("activation")}-${value("regularizer")}`;
  let shown = null; // the data and the part of it that is drawn, with its figure
  let later = 0;

  // As the book's tables write it: small ones as 7.6·10⁻¹⁰.
  function shownP(p) {
    if (p === null) return "–";
    if (p === 0 || p >= 1e-4) return p.toString();
    const [digits, exponent] = p.toExponential().split("e-");
    return `${digits}·10⁻${[...exponent].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
  }
  const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(1);
  const shownGap = (line, at) =>
    `${signed(line.gap[at])}${line.low[at] === null ? "" : ` [${signed(line.low[at])}, ${signed(line.high[at])}]`}`;
  const named = (measure, direction) => `${neuronlibExplorer.names[measure]}, ${direction}est first`;
  // Each order that is ticked, with its measure and direction.
  const chosen = () =>
    ticked("measure").flatMap((measure) =>
      ticked("direction").map((direction) => ({ order: `${measure} ${direction}`, measure, direction })),
    );

  // A link such as #mnist-relu-dropout/1/h+mi/low+high/zero/80, of which the last parts may be left out. Returns the
  // number of ablated neurons, if the link has one; throws a line that says what is wrong with the link.
  function readLink() {
    let parts;
    try {
      parts = decodeURIComponent(location.hash.slice(1)).split("/");
    } catch {
      throw new Error(`The link cannot be decoded; expected ${LINK}`);
    }
    if (parts.length > 6) throw new Error(`The link has ${parts.length} parts; expected at most six, ${LINK}`);
    const [name, layer, shorts, directions, replacement, step] = parts;
    const known = (field, what, wanted) => {
      if (!options(field).includes(wanted)) {
        throw new Error(`The link's ${what} “${wanted}” is unknown; expected one of ${options(field).join(", ")}`);
      }
      byId(field).value = wanted;
    };
    const some = (field, what, wanted, names) => {
      for (const one of wanted) {
        if (!names.includes(one)) {
          throw new Error(`The link's ${what} “${one}” is unknown; expected ${names.join(", ")}, or several joined by +`);
        }
      }
      boxes(field).forEach((box, k) => (box.checked = wanted.includes(names[k])));
    };
    if (!name) return undefined;
    const found = /^(.+)-(relu|sigmoid)-(none|l2|dropout|dropout-batchnorm)$/.exec(name);
    if (!found || !options("network").includes(found[1])) {
      throw new Error(`The link's setting “${name}” is unknown; expected one such as mnist-relu-dropout`);
    }
    ["network", "activation", "regularizer"].forEach((field, k) => (byId(field).value = found[k + 1]));
    fillLayers();
    if (layer !== undefined) known("layer", `layer of ${name}`, layer);
    if (shorts !== undefined) some("measure", "measure", shorts.split("+"), boxes("measure").map((box) => SHORT[box.value]));
    if (directions !== undefined) some("direction", "order", directions.split("+"), boxes("direction").map((box) => box.value));
    if (replacement !== undefined) known("replacement", "replacement", replacement);
    if (step !== undefined && !/^\d+$/.test(step)) {
      throw new Error(`The link's number of ablated neurons is “${step}”; expected a whole number`);
    }
    return step === undefined ? undefined : Number(step);
  }

  function writeLink() {
    const measures = ticked("measure").map((measure) => SHORT[measure]).join("+");
    const parts = [settingName(), value("layer"), measures, ticked("direction").join("+"), value("replacement")];
    if (shown) parts.push(shown.part.steps[nearest()]);
    history.replaceState(null, "", `#${parts.join("/")}`);
    byId("csv").download = `${parts.slice(0, 5).join("_").replaceAll("+", "-")}.csv`;
  }

  function fillLayers() {
    const before = value("layer");
    const layers = [...neuronlibExplorer.hidden[settingName()].map((_, index) => `${index + 1}`), "whole"];
    byId("layer").replaceChildren(
      ...layers.map((layer) => new Option(layer === "whole" ? "whole network" : `layer ${layer}`, layer)),
    );
    byId("layer").value = layers.includes(before) ? before : "1";
  }

  function say(text) {
    shown = null;
    byId("said").textContent = text;
    for (const place of ["curves", "composition", "neurons"]) byId(place).replaceChildren();
    byId("about").textContent = "";
    byId("reading").hidden = true;
  }

  // Colours of the page around, whether light or dark.
  function newFigure(settings) {
    const { color } = getComputedStyle(document.body);
    const figure = Bokeh.Plotting.figure({
      sizing_mode: "stretch_width",
      tools: "",
      toolbar_location: null,
      min_border_right: 15, // the last number of the axis is centred on its end
      background_fill_color: null,
      border_fill_color: null,
      ...settings,
    });
    Object.assign(figure.title ?? {}, { text_color: color });
    for (const axis of [...figure.below, ...figure.left]) {
      Object.assign(axis, {
        axis_label_text_color: color,
        major_label_text_color: color,
        axis_line_color: color,
        major_tick_line_color: color,
        minor_tick_line_color: color,
      });
    }
    for (const grid of figure.center) Object.assign(grid, { grid_line_color: color, grid_line_alpha: 0.15 });
    figure.outline_line_color = null;
    return figure;
  }
  const lookOf = ({ measure, direction }) => ({
    color: neuronlibExplorer.colours[measure],
    dash: direction === "low" ? [] : [12, 6],
  });
  const randomLook = () => ({ color: getComputedStyle(document.body).color, dash: [2, 4] });

  function band(figure, steps, line, look) {
    const data = {
      step: steps,
      mean: line.mean,
      low: line.mean.map((mean, i) => mean - line.sd[i]),
      high: line.mean.map((mean, i) => mean + line.sd[i]),
    };
    const source = new Bokeh.ColumnDataSource({ data });
    figure.varea({ x: { field: "step" }, y1: { field: "low" }, y2: { field: "high" }, source, fill_color: look.color, fill_alpha: 0.15 });
    figure.line({ x: { field: "step" }, y: { field: "mean" }, source, line_width: 2.5, line_color: look.color, line_dash: look.dash });
  }

  function drawCurves(part) {
    const last = part.steps[part.steps.length - 1];
    const figure = newFigure({
      height: 360,
      x_axis_label: "ablated neurons",
      y_axis_label: "test accuracy (%)",
      y_range: [0, 100],
      x_range: [0, last],
    });
    band(figure, part.steps, part.random, randomLook());
    for (const one of chosen()) band(figure, part.steps, part.orders[one.order], lookOf(one));
    const at = new Bokeh.Span({ dimension: "height", location: 0, line_color: randomLook().color, line_alpha: 0.5 });
    figure.add_layout(at);
    figure.on_event("mousemove", ({ x }) => read(x));
    figure.on_event("mouseleave", () => read());
    figure.on_event("tap", ({ x }) => {
      byId("step").value = x;
      moved();
    });
    byId("curves").replaceChildren();
    Bokeh.Plotting.show(figure, byId("curves"));
    return at;
  }

  // Of which layers the first neurons of an order over the whole network are; dotted: as if drawn at random.
  function drawComposition(data) {
    byId("composition").replaceChildren();
    if (value("layer") !== "whole") return;
    const { steps, orders } = data.composition;
    const total = data.hidden.reduce((sum, width) => sum + width, 0);
    for (const { order, measure, direction } of chosen()) {
      const figure = newFigure({
        height: 220,
        title: named(measure, direction),
        x_axis_label: "first ablated neurons",
        y_axis_label: "from each layer (%)",
        x_range: [0, total],
        y_range: [0, 100],
      });
      let below = steps.map(() => 0);
      let [atRandom, middle] = [0, 0];
      orders[order].forEach((share, k) => {
        const above = below.map((height, i) => Math.min(100, height + share[i]));
        const source = new Bokeh.ColumnDataSource({ data: { step: steps, below, above } });
        figure.varea({ x: { field: "step" }, y1: { field: "below" }, y2: { field: "above" }, source, fill_color: neuronlibExplorer.layerColours[k], fill_alpha: 1 });
        middle = atRandom + (50 * data.hidden[k]) / total;
        atRandom += (100 * data.hidden[k]) / total;
        if (atRandom < 99.9) figure.line({ x: [0, total], y: [atRandom, atRandom], line_color: "black", line_dash: [2, 4], line_width: 2 });
        figure.text({ x: [0.98 * total], y: [middle], text: [`layer ${k + 1}`], text_align: "right", text_baseline: "middle", text_font_size: "12px", text_color: "black" });
        below = above;
      });
      Bokeh.Plotting.show(figure, byId("composition"));
    }
  }

  function drawNeurons(data) {
    byId("neurons").replaceChildren();
    for (const measure of ticked("measure")) {
      const { edges, counts } = data.neurons[measure];
      for (const [layer, of] of Object.entries(counts)) {
        const all = of.reduce((sum, count) => sum + count, 0);
        const top = of.map((count) => (100 * count) / all);
        const figure = newFigure({
          height: 190,
          title: `layer ${layer}`,
          x_axis_label: `${neuronlibExplorer.names[measure]} (bits)`,
          y_axis_label: "neurons (%)",
          x_range: [0, edges[edges.length - 1]],
        });
        const source = new Bokeh.ColumnDataSource({ data: { top, left: edges.slice(0, -1), right: edges.slice(1) } });
        figure.quad({ top: { field: "top" }, bottom: 0, left: { field: "left" }, right: { field: "right" }, source, fill_color: neuronlibExplorer.colours[measure], line_color: "white" });
        Bokeh.Plotting.show(figure, byId("neurons"));
      }
    }
  }

  function nearest(wanted = Number(value("step"))) {
    const apart = shown.part.steps.map((step) => Math.abs(step - wanted));
    return apart.indexOf(Math.min(...apart));
  }

  function row(look, cells) {
    const line = document.createElement("tr");
    for (const text of cells) line.insertCell().textContent = text;
    const swatch = `<svg width="34" height="8" aria-hidden="true"><line x1="0" x2="34" y1="4" y2="4" stroke="${look.color}" stroke-width="3" stroke-dasharray="${look.dash}"/></svg> `;
    line.cells[0].insertAdjacentHTML("afterbegin", swatch);
    return line;
  }

  // Each order's numbers under the pointer, or at the slider.
  function read(pointer) {
    if (!shown) return;
    const { data, part, mark } = shown;
    const at = nearest(pointer);
    const step = part.steps[at];
    mark.location = step;
    byId("at").textContent = `After ${step} of ${part.steps[part.steps.length - 1]} ablated neurons, ${data.networks} networks:`;
    byId("gap").textContent = `MG@${step} [95 % interval], points`;
    byId("read").replaceChildren(
      ...chosen().map((one) => {
        const line = part.orders[one.order];
        return row(lookOf(one), [named(one.measure, one.direction), line.mean[at].toFixed(1), shownGap(line, at), shownP(line.p[at])]);
      }),
      row(randomLook(), ["random", part.random.mean[at].toFixed(1), "", ""]),
    );
  }

  function moved() {
    read();
    clearTimeout(later);
    later = setTimeout(writeLink, 200); // browsers refuse a link that changes too often
  }

  function offer(data, part) {
    const names = "measure,order,networks,ablated_neurons,accuracy_percent,accuracy_deviation,random_percent,random_deviation,gap_points,gap_low,gap_high,p_value";
    const rows = chosen().flatMap(({ order, measure, direction }) => {
      const line = part.orders[order];
      const columns = [line.mean, line.sd, part.random.mean, part.random.sd, line.gap, line.low, line.high, line.p];
      return part.steps.map((step, at) => [measure, direction, data.networks, step, ...columns.map((column) => column[at] ?? "")].join(","));
    });
    byId("csv").href = `data:text/csv;charset=utf-8,${encodeURIComponent([names, ...rows, ""].join("\n"))}`;
  }

  async function update(step) {
    const name = settingName();
    fillLayers();
    if (!neuronlibExplorer.settings.includes(name)) return say(`${name} has not been computed yet; choose another setting.`);
    let data;
    try {
      data = await neuronlibExplorer.load(name);
    } catch (error) {
      return say(`${name} cannot be shown: ${error.message}.`);
    }
    if (settingName() !== name) return undefined;
    const part = data.ablations[value("replacement")]?.[value("layer")];
    if (!part) return say(`${name} has not been ablated to the ${value("replacement")}; choose zero.`);
    if (step !== undefined && !part.steps.includes(step)) {
      shown = { part };
      const near = part.steps[nearest(step)];
      return say(`The link asks for ${step} ablated neurons, where no accuracy was computed; the nearest number is ${near}.`);
    }
    if (!chosen().length) return say("Choose at least one measure and one order.");
    byId("said").textContent = "";
    byId("about").textContent =
      `${name}: ${data.hidden.join("-")} hidden neurons, ${data.networks} networks, ${data.epochs} epochs, test accuracy ` +
      `${data.accuracy} %, ${data.random_orders} random order${data.random_orders === 1 ? "" : "s"} a network; ` +
      `${data.device}, ${data.date}${data.panel ? `; the paper's ${data.panel}` : ""}.`;
    byId("reading").hidden = false;
    byId("step").max = part.steps[part.steps.length - 1];
    if (step !== undefined) byId("step").value = step;
    shown = { data, part, mark: drawCurves(part) };
    drawComposition(data);
    drawNeurons(data);
    offer(data, part);
    read();
    writeLink();
    return undefined;
  }

  function follow() {
    try {
      update(readLink());
    } catch (error) {
      say(`${error.message}. Choose above.`);
    }
  }

  function start() {
    if (!byId("network")) return;
    fillLayers();
    for (const field of [...SELECTS, ...BOXES]) byId(field).addEventListener("change", () => update());
    byId("step").addEventListener("input", moved);
    window.addEventListener("hashchange", follow);
    // The theme's switch between light and dark.
    new MutationObserver(() => shown && update()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    follow();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

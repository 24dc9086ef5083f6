// The explorer page: reads the choices, loads a setting's script, and draws with BokehJS. Needs no server.
"use strict";

const neuronlibExplorer = {
  settings: [], // these three are in settings.js
  names: {},
  colours: {},
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
  const FIELDS = ["network", "activation", "regularizer", "layer", "measure", "direction", "replacement"];
  const byId = (id) => document.getElementById(`explorer-${id}`);
  const value = (field) => byId(field).value;
  const settingName = () => `${value("network")}-${value("activation")}-${value("regularizer")}`;
  // As the book's tables write it: small ones as 7.6·10⁻¹⁰.
  function shownP(p) {
    if (p === null) return "none, with one network";
    if (p === 0 || p >= 1e-4) return p.toString();
    const [digits, exponent] = p.toExponential().split("e-");
    return `${digits}·10⁻${[...exponent].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
  }
  const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(1);

  // A link such as #mnist-relu-dropout/1/mi/low/zero, of which the last parts may be left out.
  function readLink() {
    const [name, layer, short, direction, replacement] = decodeURIComponent(location.hash.slice(1)).split("/");
    const parts = /^(.+)-(relu|sigmoid)-(none|l2|dropout|dropout-batchnorm)$/.exec(name || "");
    const measure = Object.keys(SHORT).find((key) => SHORT[key] === short);
    const wanted = { network: parts?.[1], activation: parts?.[2], regularizer: parts?.[3], layer, measure, direction, replacement };
    for (const field of FIELDS) {
      if ([...byId(field).options].some((option) => option.value === wanted[field])) byId(field).value = wanted[field];
    }
  }

  function writeLink() {
    const parts = [settingName(), value("layer"), SHORT[value("measure")], value("direction"), value("replacement")];
    history.replaceState(null, "", `#${parts.join("/")}`);
  }

  function fillLayers(hidden) {
    const chosen = value("layer");
    const layers = [...hidden.map((_, index) => `${index + 1}`), "whole"];
    byId("layer").replaceChildren(
      ...layers.map((layer) => new Option(layer === "whole" ? "whole network" : `layer ${layer}`, layer)),
    );
    byId("layer").value = layers.includes(chosen) ? chosen : "1";
  }

  function say(text) {
    byId("said").textContent = text;
    byId("curves").replaceChildren();
    byId("neurons").replaceChildren();
    byId("about").textContent = "";
    byId("reading").hidden = true;
  }

  function band(figure, steps, line, look) {
    const data = {
      step: steps,
      mean: line.mean,
      low: line.mean.map((mean, i) => mean - line.sd[i]),
      high: line.mean.map((mean, i) => mean + line.sd[i]),
      gap: line.gap || steps.map(() => 0),
      p: (line.p || steps.map(() => null)).map(shownP),
    };
    const source = new Bokeh.ColumnDataSource({ data });
    figure.varea({ x: { field: "step" }, y1: { field: "low" }, y2: { field: "high" }, source, fill_color: look.color, fill_alpha: 0.15 });
    return figure.line({ x: { field: "step" }, y: { field: "mean" }, source, line_width: 2.5, line_color: look.color, line_dash: look.dash, legend_label: look.label });
  }

  function drawCurves(part, measure, direction) {
    const figure = Bokeh.Plotting.figure({
      height: 360,
      sizing_mode: "stretch_width",
      tools: "",
      toolbar_location: null,
      min_border_right: 15, // the last number of the axis is centred on its end
      x_axis_label: "ablated neurons",
      y_axis_label: "test accuracy (%)",
      y_range: [0, 100],
      x_range: [0, part.steps[part.steps.length - 1]],
    });
    band(figure, part.steps, part.random, { color: neuronlibExplorer.colours.random, dash: "dotted", label: "random" });
    const label = `${neuronlibExplorer.names[measure]}, ${direction}est first`;
    const dash = direction === "low" ? "solid" : [12, 6];
    const renderer = band(figure, part.steps, part.orders[`${measure} ${direction}`], { color: neuronlibExplorer.colours[measure], dash, label });
    const tooltips = [
      ["ablated", "@step"],
      ["accuracy", "@mean{0.0} %"],
      ["gap to random", "@gap{+0.0} points"],
      ["p", "@p"],
    ];
    figure.add_tools(new Bokeh.HoverTool({ renderers: [renderer], mode: "vline", tooltips }));
    figure.legend.location = "bottom_left";
    figure.legend.background_fill_alpha = 0.7;
    byId("curves").replaceChildren();
    Bokeh.Plotting.show(figure, byId("curves"));
  }

  function drawNeurons(histograms, measure) {
    byId("neurons").replaceChildren();
    for (const [layer, of] of Object.entries(histograms)) {
      const { counts, edges } = of[measure];
      const data = { top: counts, left: edges.slice(0, -1), right: edges.slice(1) };
      const figure = Bokeh.Plotting.figure({
        height: 190,
        sizing_mode: "stretch_width",
        tools: "",
        toolbar_location: null,
        min_border_right: 15,
        title: `layer ${layer}`,
        x_axis_label: `${neuronlibExplorer.names[measure]} (bits)`,
        y_axis_label: "neurons",
      });
      const source = new Bokeh.ColumnDataSource({ data });
      figure.quad({ top: { field: "top" }, bottom: 0, left: { field: "left" }, right: { field: "right" }, source, fill_color: neuronlibExplorer.colours[measure], line_color: "white" });
      Bokeh.Plotting.show(figure, byId("neurons"));
    }
  }

  function read() {
    const data = neuronlibExplorer.loaded[settingName()];
    const part = data?.ablations[value("replacement")]?.[value("layer")];
    if (!part) return;
    const wanted = Number(byId("step").value);
    const apart = part.steps.map((step) => Math.abs(step - wanted));
    const at = apart.indexOf(Math.min(...apart));
    const line = part.orders[`${value("measure")} ${value("direction")}`];
    byId("read").textContent =
      `${part.steps[at]} ablated: ${line.mean[at].toFixed(1)} %, random ${part.random.mean[at].toFixed(1)} %, ` +
      `MG@${part.steps[at]} = ${signed(line.gap[at])} points, p = ${shownP(line.p[at])}`;
  }

  function offer(part, measure, direction) {
    const line = part.orders[`${measure} ${direction}`];
    const columns = {
      ablated_neurons: part.steps,
      accuracy_percent: line.mean,
      accuracy_deviation: line.sd,
      random_percent: part.random.mean,
      random_deviation: part.random.sd,
      gap_points: line.gap,
      p_value: line.p.map((p) => p ?? ""),
    };
    const rows = part.steps.map((_, at) => Object.values(columns).map((column) => column[at]).join(","));
    const text = [Object.keys(columns).join(","), ...rows, ""].join("\n");
    byId("csv").href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
    byId("csv").download = `${location.hash.slice(1).replaceAll("/", "_")}.csv`;
  }

  async function update() {
    const name = settingName();
    if (!neuronlibExplorer.settings.includes(name)) {
      writeLink();
      return say(`${name} has not been computed yet.`);
    }
    let data;
    try {
      data = await neuronlibExplorer.load(name);
    } catch (error) {
      return say(`${name} cannot be shown: ${error.message}.`);
    }
    if (settingName() !== name) return undefined;
    fillLayers(data.hidden);
    writeLink();
    const part = data.ablations[value("replacement")]?.[value("layer")];
    if (!part) return say(`${name} has not been ablated to the ${value("replacement")}.`);
    byId("said").textContent = "";
    byId("about").textContent =
      `${name}: ${data.hidden.join("-")} hidden neurons, ${data.networks} networks, ${data.epochs} epochs, test accuracy ` +
      `${data.accuracy} %, ${data.random_orders} random order${data.random_orders === 1 ? "" : "s"} a network; ` +
      `${data.device}, ${data.date}${data.panel ? `; the paper's ${data.panel}` : ""}.`;
    byId("reading").hidden = false;
    byId("step").max = part.steps[part.steps.length - 1];
    drawCurves(part, value("measure"), value("direction"));
    drawNeurons(data.neurons, value("measure"));
    offer(part, value("measure"), value("direction"));
    read();
    return undefined;
  }

  function start() {
    if (!byId("network")) return;
    fillLayers([0, 0, 0, 0]);
    readLink();
    for (const field of FIELDS) byId(field).addEventListener("change", update);
    byId("step").addEventListener("input", read);
    window.addEventListener("hashchange", () => {
      readLink();
      update();
    });
    update();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

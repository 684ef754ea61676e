/* The browser's half of an explorer: controls that send positions, a picture that follows.
 *
 * Python owns the values, their words and the picture. The browser only ever says
 * "this control now stands at its nth mark" and shows what comes back. */

const ANNOUNCE_AFTER = 400; // ms of rest before a screen reader is told
const ANSWER_WITHIN = 300; // ms without an answer after which the next change is sent anyway
const STALE_AFTER = 1000; // ms without an answer after which the picture pales: the kernel is busy or gone
const MOST_RADIO_BUTTONS = 4;

let count = 0;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/* Each control gives the nodes of its row and a function that shows a position. */

function slider(control, id, move) {
  const label = make("label", { for: id }, control.label);
  const input = make("input", { type: "range", id, min: 0, max: control.texts.length - 1, step: 1 });
  const longest = control.texts.reduce((one, other) => (other.length > one.length ? other : one));
  const text = make("span", { class: "explorer-value", "data-longest": longest, "aria-hidden": "true" });
  const show = (position) => {
    input.value = position;
    input.style.setProperty("--explorer-filled", position / input.max);
    text.textContent = control.texts[position];
    input.setAttribute("aria-valuetext", control.texts[position]);
  };
  input.addEventListener("input", () => {
    show(+input.value);
    move(+input.value);
  });
  return { nodes: [label, input, text], show };
}

function choice(control, id, move) {
  return control.texts.length > MOST_RADIO_BUTTONS ? list(control, id, move) : radios(control, id, move);
}

function list(control, id, move) {
  const label = make("label", { for: id }, control.label);
  const select = make("select", { id }, ...control.texts.map((text, i) => make("option", { value: i }, text)));
  select.addEventListener("change", () => move(+select.value));
  return { nodes: [label, select], show: (position) => (select.value = position) };
}

function radios(control, id, move) {
  const label = make("span", { id: `${id}-label` }, control.label);
  const inputs = control.texts.map((_, i) => make("input", { type: "radio", name: id, id: `${id}-${i}`, value: i }));
  const options = control.texts.map((text, i) => make("label", { for: `${id}-${i}` }, inputs[i], text));
  const group = make("div", { role: "radiogroup", "aria-labelledby": `${id}-label`, class: "explorer-options" }, ...options);
  inputs.forEach((input, i) => input.addEventListener("change", () => move(i)));
  return { nodes: [label, group], show: (position) => (inputs[position].checked = true) };
}

function toggle(control, id, move) {
  const label = make("label", { for: id }, control.label);
  const input = make("input", { type: "checkbox", role: "switch", id });
  const text = make("span", { class: "explorer-state", "aria-hidden": "true" });
  const show = (position) => {
    input.checked = position === 1;
    text.textContent = control.texts[position];
  };
  input.addEventListener("change", () => {
    show(+input.checked);
    move(+input.checked);
  });
  return { nodes: [label, make("span", { class: "explorer-toggle" }, input, text)], show };
}

const KINDS = { slider, choice, switch: toggle };

/* One change in flight at most; of those made meanwhile only the newest is sent. Until then they
 * are kept here, not in the model: there the kernel's echo of an older change would undo them. */
function sender(model, onSend) {
  let inFlight = false;
  let unsent = {};
  let timer;
  const wanted = () => ({ ...model.get("positions"), ...unsent });
  const send = () => {
    inFlight = true;
    model.set("positions", wanted());
    unsent = {};
    onSend();
    model.save_changes();
    clearTimeout(timer);
    timer = setTimeout(next, ANSWER_WITHIN);
  };
  const next = () => {
    clearTimeout(timer);
    inFlight = false;
    if (Object.keys(unsent).length) send();
  };
  return {
    wanted,
    answered: next,
    stop: () => clearTimeout(timer),
    move(positions) {
      const now = wanted();
      if (Object.keys(positions).every((name) => positions[name] === now[name])) return;
      unsent = { ...unsent, ...positions };
      if (!inFlight) send();
    },
  };
}

/* The next picture is loaded before it takes the place of the last, and decoded within the very
 * frame that shows it: no blank, no flicker. Of pictures that come meanwhile the newest is shown. */
function picture(model) {
  const { width, height } = model.get("panel");
  const image = make("img", { width, height, decoding: "sync" });
  let url;
  let busy = false;
  let stale = false;
  const show = async () => {
    stale = true;
    if (busy) return;
    busy = true;
    while (stale) {
      stale = false;
      const alt = model.get("alt");
      const next = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
      const loader = new Image();
      await new Promise((resolve) => {
        loader.onload = loader.onerror = resolve;
        loader.src = next;
      });
      image.src = next;
      image.alt = alt;
      if (url) URL.revokeObjectURL(url);
      url = next;
    }
    busy = false;
  };
  return { image, show, free: () => URL.revokeObjectURL(url) };
}

/* The words under the picture change with it; a screen reader hears them once it has come to rest. */
function words(model) {
  const seen = make("p", { class: "explorer-note", "aria-hidden": "true" });
  const heard = make("p", { class: "explorer-heard", "aria-live": "polite" }, model.get("note"));
  let timer;
  const show = () => {
    seen.textContent = model.get("note");
    seen.classList.toggle("explorer-failed", model.get("failed"));
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (heard.textContent !== model.get("note")) heard.textContent = model.get("note");
    }, ANNOUNCE_AFTER);
  };
  return { nodes: [seen, heard], show, stop: () => clearTimeout(timer) };
}

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return "Copied";
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
  }
}

function foot(model, id, reset) {
  const field = make("input", { type: "text", readonly: "", id, "aria-label": "This state as a line of Python", spellcheck: "false" });
  const copier = make("button", { type: "button" }, "Copy");
  const resetter = make("button", { type: "button" }, "Reset");
  const told = make("span", { role: "status", class: "explorer-heard" });
  let timer;
  copier.addEventListener("click", async () => {
    told.textContent = copier.textContent = await copy(field);
    clearTimeout(timer);
    timer = setTimeout(() => {
      copier.textContent = "Copy";
      told.textContent = "";
    }, 2000);
  });
  resetter.addEventListener("click", reset);
  const node = make("div", { class: "explorer-foot" }, field, copier, resetter, told);
  return { node, show: () => (field.value = model.get("code")), stop: () => clearTimeout(timer) };
}

function render({ model, el }) {
  const id = `explorer-${Math.random().toString(36).slice(2)}-${count++}`;
  const { controls, width, height } = model.get("panel");
  const root = make("div", {
    class: "course-explorer",
    role: "group",
    "aria-label": model.get("title"),
    style: `--explorer-width: ${width}px; --explorer-ratio: ${width} / ${height}`,
  });

  let pale;
  const post = sender(model, () => {
    pale ??= setTimeout(() => root.classList.add("explorer-stale"), STALE_AFTER);
  });
  const rows = controls.map((control, i) => {
    const row = KINDS[control.kind](control, `${id}-${i}`, (position) => post.move({ [control.name]: position }));
    return { ...row, name: control.name, node: make("div", { class: `explorer-row explorer-${control.kind}` }, ...row.nodes) };
  });
  const start = Object.fromEntries(controls.map((control) => [control.name, control.start]));
  const screen = picture(model);
  const note = words(model);
  const line = foot(model, `${id}-code`, () => {
    post.move(start);
    showControls();
  });

  // No finer than the screen: half the pixels each way are drawn, sent and decoded in half the time.
  const sharpen = () => {
    const ratio = devicePixelRatio > 1 ? 2 : 1;
    if (ratio === model.get("pixel_ratio")) return;
    model.set("pixel_ratio", ratio);
    model.save_changes();
  };
  const screenSharpness = matchMedia("(min-resolution: 1.01dppx)");
  const showControls = () => rows.forEach((row) => row.show(post.wanted()[row.name]));
  const showFrame = () => {
    clearTimeout(pale);
    pale = undefined;
    root.classList.remove("explorer-stale");
    post.answered();
    screen.show();
    note.show();
    line.show();
  };
  root.append(
    make("div", { class: "explorer-controls" }, ...rows.map((row) => row.node)),
    make("div", { class: "explorer-card" }, screen.image),
    ...note.nodes,
    line.node,
  );
  // Else JupyterLab's command mode takes the arrow keys; on the group it would not be seen.
  root.querySelectorAll("input, select, button").forEach((node) => (node.dataset.lmSuppressShortcuts = "true"));
  showControls();
  showFrame();
  el.append(root);
  sharpen();
  screenSharpness.addEventListener("change", sharpen);
  model.on("change:positions", showControls);
  model.on("change:frame", showFrame);
  return () => {
    screenSharpness.removeEventListener("change", sharpen);
    model.off("change:positions", showControls);
    model.off("change:frame", showFrame);
    clearTimeout(pale);
    [post, note, line].forEach((part) => part.stop());
    screen.free();
  };
}

export default { render };

// A question with native inputs. The kernel knows the answer; the page knows only what it was told.

const PATIENCE = 3000; // milliseconds until the learner is told that the kernel is busy

const WAITING = "Sent, but the kernel is busy or not running. It counts once the kernel has taken it.";
const MARKS = { wrong: "✗ ", right: "✓ " };

let count = 0;

function add(parent, tag, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return parent.appendChild(element);
}

function addInput(parent, attributes) {
  // Without the last attribute JupyterLab's command mode would take the keys.
  return add(parent, "input", {}, { ...attributes, "data-lm-suppress-shortcuts": "true" });
}

function addNumber(parent, label, unit, describedBy) {
  const row = add(parent, "label", { className: "course-form-number" });
  add(row, "span", { textContent: label });
  const input = addInput(row, { type: "number", step: "any", "aria-describedby": describedBy });
  if (unit) add(row, "span", { textContent: unit });
  return input;
}

// An empty or unreadable field goes over as null, and the kernel says what is missing.
function readNumber(input) {
  return Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
}

function addInterval(parent, unit, describedBy) {
  const row = add(parent, "div", { className: "course-form-interval" });
  const low = addNumber(row, "from", unit, describedBy);
  const high = addNumber(row, "to", unit, describedBy);
  return {
    read: () => ({ low: readNumber(low), high: readNumber(high) }),
    write: (told) => {
      if (told.low !== undefined) low.value = told.low;
      if (told.high !== undefined) high.value = told.high;
    },
  };
}

function addOptions(parent, options, name) {
  const inputs = options.map((text, place) => {
    const row = add(parent, "label", { className: "course-form-option" });
    const input = addInput(row, { type: "radio", name, value: text });
    add(row, "span", { textContent: `${"abcdefghij"[place]}) ${text}` });
    return input;
  });
  return {
    read: () => ({ choice: inputs.find((input) => input.checked)?.value ?? null }),
    write: (told) => {
      for (const input of inputs) if (told.choice !== undefined) input.checked = input.value === told.choice;
    },
  };
}

function render({ model, el }) {
  const name = `course-form-${++count}-${Date.now()}`;
  const form = add(el, "form", { className: "course-form", noValidate: true });
  const set = add(form, "fieldset");
  add(set, "legend", { textContent: model.get("question") });
  const how = `${name}-how`;
  if (model.get("how")) add(set, "p", { textContent: model.get("how"), id: how });
  const options = model.get("options");
  const fields = options.length ? addOptions(set, options, name) : addInterval(set, model.get("unit"), how);
  const button = add(form, "button", { type: "submit" }, { "data-lm-suppress-shortcuts": "true" });
  const reply = add(form, "p", { className: "course-form-reply" }, { role: "status", "aria-live": "polite" });
  let timer;

  const say = (text, tone = "plain") => {
    reply.textContent = (MARKS[tone] ?? "") + text;
    form.dataset.tone = tone;
  };
  const show = () => {
    const told = model.get("told");
    clearTimeout(timer);
    fields.write(told);
    button.textContent = told.button ?? model.get("button");
    say(told.text ?? "", told.tone);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = fields.read();
    if (answer.choice === null) return say("Choose one of the options first.");
    clearTimeout(timer);
    timer = setTimeout(() => say(WAITING), PATIENCE);
    model.set("sent", { ...answer, turn: (model.get("sent").turn ?? 0) + 1 });
    model.save_changes();
  });
  // In JupyterLab the browser's own Enter does not submit from a number field.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  model.on("change:told", show);
  show();
  return () => {
    clearTimeout(timer);
    model.off("change:told", show);
  };
}

export default { render };

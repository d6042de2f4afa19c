/** How it is trained: loss, optimizer, rate, schedule, batch size, seed, stopping. */

import { argumentFields, typed, withOption } from "./arguments.js";
import { openDialog } from "./dialog.js";
import { el, icon } from "./dom.js";
import { store } from "./store.js";
import { choice, field, slider, toggle } from "./widgets.js";

const BATCHES = [1, 2, 4, 8, 10, 16, 32, 64, 100, 128, 256, 512, 1024];
/** What a schedule needs beside its rate; `steps: null` is the whole training. */
const SCHEDULES = {
    InverseTimeDecay: { decay: 0.001 },
    ExponentialDecay: { rate: 0.1, steps: null },
    StepDecay: { factor: 0.5, steps: 500 },
    CosineDecay: { steps: null },
    LogCosineCycles: { steps: null },
    FlatCosine: { steps: null },
};
const STOP = { monitor: "val_loss", patience: 20, min_delta: 0 };

const change = (fields) => store.change("settings", fields);
const typeOf = (value) => (typeof value === "string" ? value : value?.type);

/** The number within a learning rate: itself, or what its schedule starts from. */
export function rateOf(optimizer) {
    const rate = optimizer.learning_rate;
    return typeof rate === "object" && rate !== null ? (rate.learning_rate ?? rate.value) : rate;
}

export function withRate(optimizer, value) {
    const rate = optimizer.learning_rate;
    if (typeof rate !== "object" || rate === null) return { ...optimizer, learning_rate: value };
    return { ...optimizer, learning_rate: { ...rate, ["value" in rate ? "value" : "learning_rate"]: value } };
}

export function withSchedule(optimizer, type) {
    const number = rateOf(optimizer);
    if (type === null) return { ...optimizer, learning_rate: number };
    const name = type === "FlatCosine" ? "value" : "learning_rate";
    return { ...optimizer, learning_rate: { type, [name]: number, ...SCHEDULES[type] } };
}

/** Losses that suit the data's task, and the present one. */
export function lossesFor(task, now) {
    return Object.entries(store.catalog.losses)
        .filter(([name, { tasks }]) => tasks.includes(task) || name === now)
        .map(([name]) => name);
}

function lossName(loss) {
    if (loss === null) return null; // that of the data
    const name = typeOf(loss);
    const byName = Object.entries(store.catalog.losses).find(
        ([type, entry]) => type === name || entry.name === name,
    );
    return byName?.[0] ?? name;
}

function batches() {
    const now = store.state.settings.batch_size;
    const list = BATCHES.includes(now) || now === null ? BATCHES : [...BATCHES, now].sort((a, b) => a - b);
    return [...list.map((n) => [n, String(n)]), [null, "training.all"]];
}

/** Everything else: all arguments of optimizer, schedule, loss and output layer. */
function more() {
    const { settings } = store.state;
    const { optimizer, loss, output } = settings;
    const schedule = optimizer.learning_rate;
    const group = (title, fields) =>
        fields.length ? [el("h3", { t: title }), el("div", { class: "fields" }, fields)] : [];
    const optimizerFields = argumentFields(
        store.catalog.optimizers[optimizer.type].arguments,
        optimizer,
        (name, value) => change((now) => ({ optimizer: withOption(now.optimizer, name, value) })),
        { skip: ["learning_rate"], prefix: "optimizer" },
    );
    const scheduleFields =
        typeof schedule === "object" && schedule
            ? argumentFields(
                  store.catalog.schedules[schedule.type].arguments,
                  schedule,
                  (name, value) =>
                      change((now) => ({
                          optimizer: {
                              ...now.optimizer,
                              learning_rate: withOption(now.optimizer.learning_rate, name, value ?? null),
                          },
                      })),
                  { skip: ["learning_rate", "value"], prefix: "schedule" },
              )
            : [];
    const lossFields = argumentFields(
        store.catalog.losses[lossName(loss)]?.arguments ?? {},
        loss ?? {},
        (name, value) =>
            change((now) => ({
                loss: withOption(
                    { ...(typeof now.loss === "object" ? now.loss : { type: lossName(now.loss) }) },
                    name,
                    value,
                ),
            })),
        { prefix: "loss" },
    );
    const outputFields = argumentFields(
        store.catalog.layers.Dense.arguments,
        output,
        (name, value) => change((now) => ({ output: withOption(now.output, name, value) })),
        { skip: ["units"], prefix: "output" },
    );
    const general = [
        field(
            "training.epochs",
            typed({
                value: settings.epochs,
                low: 1,
                whole: true,
                optional: true,
                onchange: (epochs) => change({ epochs }),
            }),
            { control: "training.epochs" },
        ),
        el(
            "div",
            { class: "field", data: { control: "training.shuffle" } },
            toggle({
                value: settings.shuffle,
                t: "training.shuffle",
                onchange: (shuffle) => change({ shuffle }),
            }),
        ),
        ...(store.description?.data.task === "classes"
            ? [
                  el(
                      "div",
                      { class: "field", data: { control: "training.class_weight" } },
                      toggle({
                          value: settings.class_weight !== null,
                          t: "training.class_weight",
                          onchange: (on) => change({ class_weight: on ? "balanced" : null }),
                      }),
                  ),
              ]
            : []),
        field(
            "training.dtype",
            choice({
                value: settings.dtype,
                options: [
                    ["float32", "float32"],
                    ["float64", "float64"],
                ],
                onchange: (dtype) => change({ dtype }),
            }),
            { control: "training.dtype" },
        ),
        field(
            "training.engine",
            choice({
                value: settings.engine,
                options: ["auto", ...store.catalog.engines].map((name) => [name, name]),
                onchange: (engine) => change({ engine }),
            }),
            { control: "training.engine" },
        ),
    ];
    if (settings.stop) {
        general.push(
            field(
                "training.patience",
                typed({
                    value: settings.stop.patience,
                    low: 1,
                    whole: true,
                    onchange: (patience) => change((now) => ({ stop: { ...now.stop, patience } })),
                }),
                { control: "training.patience" },
            ),
        );
    }
    openDialog({
        title: "training.more-title",
        id: "training-more",
        content: el(
            "div",
            {},
            group("training.general", general),
            group("training.optimizer", optimizerFields),
            group("training.schedule", scheduleFields),
            group("training.loss", lossFields),
            group("training.output", outputFields),
        ),
    });
}

export function mountTraining(element) {
    const { catalog } = store;
    const names = (object) => Object.keys(object).map((name) => [name, name]);
    let loss = null;
    const lossBox = el("div", { class: "slot" });
    const optimizer = choice({
        value: store.state.settings.optimizer.type,
        options: names(catalog.optimizers),
        onchange: (type) =>
            change((now) => ({ optimizer: { type, learning_rate: now.optimizer.learning_rate } })),
    });
    const rate = slider({
        value: rateOf(store.state.settings.optimizer),
        min: 1e-5,
        max: 10,
        log: true,
        onchange: (value) => change((now) => ({ optimizer: withRate(now.optimizer, value) })),
    });
    const schedule = choice({
        value: typeOf(store.state.settings.optimizer.learning_rate) ?? null,
        options: [[null, "training.constant"], ...names(catalog.schedules)],
        onchange: (type) => change((now) => ({ optimizer: withSchedule(now.optimizer, type) })),
    });
    const batchBox = el("div", { class: "slot" });
    const seed = typed({
        value: store.state.settings.seed,
        low: 0,
        high: catalog.limits.seed ?? 4294967295,
        whole: true,
        onchange: (value) => change({ seed: value }),
    });
    const dice = el(
        "button",
        {
            type: "button",
            class: "quiet round",
            tLabel: "training.new-seed",
            tTitle: "training.new-seed",
            onclick: () => change((now) => ({ seed: (now.seed + 1) % 4294967296 })),
        },
        icon("dice"),
    );
    const stop = toggle({
        value: false,
        t: "training.stop",
        onchange: (on) => change({ stop: on ? STOP : null }),
    });
    const seedField = field("training.seed", seed, { control: "training.seed" });
    seed.after(dice);
    seedField.classList.add("with-button");
    element.setAttribute("aria-labelledby", "training-title");
    element.append(
        el("h2", { id: "training-title", class: "hidden-text", t: "training.title" }),
        lossBox,
        field("training.optimizer", optimizer, { control: "training.optimizer" }),
        field("training.rate", rate, { control: "training.optimizer.learning_rate" }),
        field("training.schedule", schedule, { control: "training.schedule" }),
        batchBox,
        seedField,
        el(
            "div",
            { class: "field", data: { control: "training.stop" } },
            el("span", { class: "label", t: "training.early" }),
            stop,
        ),
        el(
            "button",
            { type: "button", class: "more", data: { control: "training.more" }, onclick: more },
            el("span", { t: "training.more" }),
        ),
    );

    /** Lists that depend on the data or the present value are made anew. */
    function rebuild() {
        const { settings } = store.state;
        const now = lossName(settings.loss);
        const task = store.description?.data.task ?? "classes";
        const options = [[null, "training.usual-loss"], ...lossesFor(task, now).map((name) => [name, name])];
        const key = `${options} ${now}`;
        if (loss?.key !== key) {
            loss = choice({ value: now, options, onchange: (type) => change({ loss: type && { type } }) });
            loss.key = key;
            lossBox.replaceChildren(field("training.loss", loss, { control: "training.loss" }));
        }
        const sizes = batches();
        if (batchBox.key !== String(sizes)) {
            batchBox.key = String(sizes);
            batchBox.control = choice({
                value: settings.batch_size,
                options: sizes,
                onchange: (size) => change({ batch_size: size }),
            });
            batchBox.replaceChildren(
                field("training.batch", batchBox.control, { control: "training.batch_size" }),
            );
        }
    }

    function show() {
        const { settings } = store.state;
        rebuild();
        loss.set(lossName(settings.loss));
        optimizer.set(settings.optimizer.type);
        rate.set(rateOf(settings.optimizer));
        schedule.set(typeOf(settings.optimizer.learning_rate) ?? null);
        batchBox.control.set(settings.batch_size);
        seed.set(settings.seed);
        stop.set(settings.stop !== null);
    }
    show();
    store.watch("settings", show);
    store.on("description", rebuild);
}

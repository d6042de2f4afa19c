/** The conversation with the server: settings out, frames in, one request at a time.
 *
 * While it plays, the next frame is asked for when the last one is taken to be drawn: a slow page
 * gets fewer frames, never a queue of them.
 */

import { announce } from "./announce.js";
import { ApiError, api } from "./api.js";
import { steady } from "./format.js";
import { t } from "./i18n.js";
import { store } from "./store.js";
import { collect } from "./wants.js";

const ALIVE = 20_000;
const SPOKEN = 10_000;
const TRIES = 120;
const GOES_ON = new Set(["paused", "preparing"]);

let queue = Promise.resolve();
/** Requests that wait or are under way. */
let waiting = 0;
let arrived = null;
let ticking = false;
/** The settings the server has, as text, and the data it has. */
let known = "";
let knownData = "";
let complete = true;
let refused = false;
/** Since when kernels are compiled; null: they are there. */
let preparing = null;
/** Whether a step has been made: then changes are live. */
let begun = false;

/** Runs one request after the other; a refused one says why in the message line. */
function inTurn(action) {
    waiting += 1;
    const result = queue
        .then(action)
        .catch(report)
        .finally(() => {
            waiting -= 1;
        });
    queue = result;
    return result;
}

function report(error) {
    if (error instanceof ApiError) {
        store.change("run", { message: error.message, field: error.field, lost: error.status === 401 });
    } else if (error instanceof TypeError) {
        store.change("run", { message: t("page.gone"), lost: true }); // fetch: nobody there
    } else throw error;
    store.change("run", { playing: false });
}

async function ask(body) {
    const sent = performance.now();
    const frame = await api.post("/api/advance", { ...body, want: collect(sent, complete) });
    complete = false;
    frame.asked = sent;
    frame.answered = performance.now();
    arrived = frame;
    startTicking();
    return frame.header;
}

/** Does something with the run, `batch` say, and shows what came of it. */
export function act(name, extra = {}) {
    complete ||= name !== "nothing";
    return inTurn(async () => {
        let header = await ask({ do: name, ...extra });
        // a request has its time; what it could not do within it is asked for again
        for (let i = 0; header.left > 0 && GOES_ON.has(header.status) && i < TRIES; i += 1) {
            header = await ask({ do: name, ...extra, count: header.left });
        }
    });
}

/** A complete frame of how it stands: when something else shall be seen. */
export function refresh() {
    complete = true;
    if (store.description && !store.state.run.playing) act("nothing");
}

export function play() {
    store.change("run", { playing: true, message: "" });
    act("play", { speed: store.state.view.speed });
}

export function pause() {
    store.change("run", { playing: false });
    act("pause");
}

export const toggle = () => (store.state.run.playing ? pause() : play());

function startTicking() {
    if (ticking) return;
    ticking = true;
    requestAnimationFrame(tick);
}

function tick() {
    const frame = arrived;
    arrived = null;
    ticking = false;
    if (!frame) return;
    begun = Object.values(frame.header.runs).some((run) => run.step > 0);
    const { playing } = store.state.run;
    if (playing && waiting === 0) {
        const { status } = frame.header;
        const speed = { speed: store.state.view.speed };
        if (status === "playing") act("nothing", speed);
        // paused though we play: the tab was in the background for a while
        else if (status === "paused") act("play", speed);
        else if (status === "preparing")
            setTimeout(() => store.state.run.playing && act("nothing", speed), 200);
        else ended(frame.header);
    }
    notice(frame.header);
    store.emit("frame", frame);
    if (document.documentElement.dataset.ready !== "true") document.documentElement.dataset.ready = "true";
}

/** Says that kernels are compiled, where that takes longer than one would not notice. */
function notice({ status, message }) {
    const now = performance.now();
    preparing = status === "preparing" ? (preparing ?? now) : null;
    store.change("run", { notice: preparing !== null && now - preparing > 700 ? message : "" });
}

/** The worker does not play any more: the goal, a stopping rule, or a failure. */
function ended(header) {
    store.change("run", { playing: false, status: header.status, message: header.message ?? "" });
    if (header.message) announce(header.message);
    complete = true;
    act("nothing");
}

/** Tells the server what is to be trained, as often as it changes, the newest only. */
function post() {
    return inTurn(async () => {
        const text = JSON.stringify(store.state.settings);
        if (text === known) return;
        known = text;
        const description = await session(store.state.settings, begun);
        if (JSON.stringify(store.state.settings) === text) await accept(description);
    });
}

/** Asks for a session with these settings; the words about refused ones go when others are taken. */
async function session(settings, live) {
    try {
        const description = await api.post("/api/session", { settings, live });
        if (refused) store.change("run", { message: "", field: "" });
        refused = false;
        return description;
    } catch (error) {
        refused = true;
        throw error;
    }
}

/** Takes over the server's description: its normal form of the settings, and its points. */
async function accept(description) {
    known = JSON.stringify(description.settings);
    store.description = description;
    // what belongs to another network is not drawn any more
    arrived = null;
    store.frame = null;
    if (description.started_anew) begun = false;
    store.set("settings", description.settings);
    const data = JSON.stringify(description.settings.data);
    if (data !== knownData) {
        store.points = { training: await points("training"), test: await points("test") };
        knownData = data;
        store.emit("points", store.points);
    }
    store.emit("description", description);
    complete = true;
    await ask({ do: store.state.run.playing ? "play" : "nothing", speed: store.state.view.speed });
}

/** Waits until all that was asked for is answered and shown: for tests. */
export async function idle() {
    do {
        await queue;
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    } while (waiting > 0 || arrived);
}

async function points(part) {
    const frame = await api.post("/api/data", { part, start: 0, count: 2000 });
    return { ...frame.arrays.a, total: frame.header.total };
}

/** Says how it goes, for those who do not see it. */
function speak() {
    const run = store.frame?.header.runs.a;
    if (!store.state.run.playing || !run) return;
    const accuracy = run.figures.val_accuracy ?? run.figures.accuracy;
    announce(
        t(accuracy === undefined ? "live.loss" : "live.both", {
            epoch: run.epoch,
            loss: steady(run.figures.loss),
            accuracy: steady(accuracy),
        }),
    );
}

export function startLoop() {
    store.watch("settings", (settings) => {
        if (JSON.stringify(settings) !== known) post();
    });
    store.watch("view", (now, past) => {
        if (now.speed !== past.speed && store.state.run.playing) return; // goes with the next request
        if (now.run !== past.run) refresh();
    });
    store.on("model", (description) => inTurn(() => accept(description)));
    setInterval(() => store.state.run.playing || api.post("/api/alive").catch(() => undefined), ALIVE);
    setInterval(speak, SPOKEN);
    addEventListener("pagehide", api.leave);
    document.addEventListener("visibilitychange", () => document.hidden || refresh());
    return post();
}

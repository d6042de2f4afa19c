/** The conversation with the server: settings out, frames in, one request at a time.
 *
 * While it plays two frames are under way, so that the server makes one while another travels and the
 * page draws; whatever else is asked for waits until they are there. Never more than AHEAD are asked
 * for and not drawn: a slow page gets fewer frames, not older ones.
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
const PREPARING_EVERY = 200;
const UNDER_WAY = 2;
/** Frames that are asked for and not drawn: one more covers an answer that comes late. */
const AHEAD = UNDER_WAY + 1;
const GOES_ON = new Set(["paused", "preparing"]);

let queue = Promise.resolve();
/** Requests that wait or are under way. */
let waiting = 0;
/** Requests of a page that plays that are under way, besides. */
let flying = 0;
/** Settles when these have been answered. */
let landed = Promise.resolve();
/** Frames that were answered and are not drawn yet. */
let arrived = [];
/** The header of the last answer. */
let newest = null;
let ticking = false;
let later = null;
/** The settings the server has, as text, and the data it has. */
let known = "";
let knownData = "";
let complete = true;
let refused = false;
/** Since when kernels are compiled; null: they are there. */
let preparing = null;
/** Whether a step has been made: then changes are live. */
let begun = false;
/** Whether a whole new state came, from a link or a question: it starts at epoch 0, whatever differs. */
let anew = false;

/** Runs one request after the other; a refused one says why in the message line.
 *
 * What depends on the network is asked for in turn, too: one that is changed at the same moment is not
 * the one that the question was about.
 */
export function inTurn(action) {
    waiting += 1;
    const result = queue
        .then(() => landed)
        .then(action)
        .catch(report)
        .finally(() => {
            waiting -= 1;
            goOn();
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
    const all = complete;
    complete = false;
    const frame = await api.post("/api/advance", { ...body, want: collect(sent, all) });
    frame.asked = sent;
    frame.answered = performance.now();
    if (flying > 0 && frame.header.frame < newest.frame) {
        complete ||= all; // of two under way the later one came first: what this brings is asked for again
        return newest;
    }
    if (all) arrived = []; // it brings everything that those before it would
    arrived.push(frame);
    newest = frame.header;
    begun = Object.values(newest.runs).some((run) => run.step > 0);
    startTicking();
    return newest;
}

/** Asks for a frame of a page that plays, beside another one. */
function fly(body) {
    flying += 1;
    const flight = ask(body)
        .catch(report)
        .finally(() => {
            flying -= 1;
            goOn();
        });
    landed = Promise.all([landed, flight]).then(() => undefined); // else each would keep all before
}

/** Does something with the run, `batch` say, and shows what came of it. */
export function act(name, extra = {}) {
    return inTurn(async () => {
        complete ||= name !== "nothing";
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

/** What nobody saw was not asked for; once it is seen, it shall be up to date. */
const seen = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) setTimeout(refresh);
});
export const refreshWhenSeen = (element) => seen.observe(element);

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
    ticking = false;
    const frame = arrived.shift();
    if (!frame) return;
    if (arrived.length) startTicking();
    goOn();
    notice(frame.header);
    store.emit("frame", frame);
    const root = document.documentElement;
    if (root.dataset.ready === "true") return;
    root.dataset.ready = "true";
    requestAnimationFrame(() => performance.mark("painted")); // the first picture is on the screen
}

/** Asks for what comes next, while it plays and nothing else waits. */
function goOn() {
    if (!store.state.run.playing || newest === null || waiting > 0 || later !== null) return;
    const speed = { speed: store.state.view.speed };
    if (newest.status === "playing") {
        while (flying < UNDER_WAY && arrived.length + flying < AHEAD) fly({ do: "nothing", ...speed });
    } else if (flying > 0) return;
    // paused though we play: the tab was in the background for a while
    else if (newest.status === "paused") act("play", speed);
    else if (newest.status === "preparing") {
        later = setTimeout(() => {
            later = null;
            if (store.state.run.playing) act("nothing", speed);
        }, PREPARING_EVERY);
    } else ended(newest);
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
        if (text === known && !anew) return;
        known = text;
        if (anew) begun = false;
        anew = false;
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
    arrived = [];
    store.frame = null;
    if (description.started_anew) begun = false;
    const data = JSON.stringify(description.settings.data);
    const asked = data === knownData ? null : Promise.all(["training", "test"].map(points));
    store.set("settings", description.settings); // draws much, while the points come
    if (asked) {
        const [training, test] = await asked;
        store.points = { training, test };
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
        await landed;
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    } while (waiting > 0 || flying > 0 || arrived.length);
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
        if (anew || JSON.stringify(settings) !== known) post();
    });
    store.on("replace", () => {
        anew = true;
        store.change("run", { playing: false, message: "" });
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

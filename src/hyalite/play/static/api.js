/** Requests to the server of this page: the token, errors and frames in one place. */

import { decode } from "./frames.js";
import { currentLanguage } from "./i18n.js";

const TOKEN = "hyalite-token";
const TABS = "hyalite-tabs";
const TAGS = { en: "en", zh: "zh-CN" };

/** What the server refused: a list of fields and messages. */
export class ApiError extends Error {
    constructor(status, errors) {
        super(errors.map((error) => error.message).join("\n"));
        this.status = status;
        this.errors = errors;
        this.field = errors[0]?.field ?? "";
    }
}

async function refusal(response) {
    const body = await response.json().catch(() => null);
    return new ApiError(response.status, body?.errors ?? [{ field: "", message: `HTTP ${response.status}` }]);
}

async function send(path, { method = "POST", body, headers = {}, keepalive = false } = {}) {
    const token = sessionStorage.getItem(TOKEN);
    const response = await fetch(path, {
        method,
        body,
        keepalive,
        credentials: "omit",
        redirect: "error",
        headers: {
            "Accept-Language": TAGS[currentLanguage()],
            ...(token ? { Authorization: `Bearer ${token}` } : {}),
            ...headers,
        },
    });
    if (!response.ok) throw await refusal(response);
    return response;
}

async function read(response) {
    const type = response.headers.get("Content-Type") ?? "";
    return type.startsWith("application/json") ? response.json() : decode(await response.arrayBuffer());
}

const asJson = (body) => ({ body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

export const api = {
    get: async (path) => read(await send(path, { method: "GET" })),

    post: async (path, body = {}) => read(await send(path, asJson(body))),

    /** Bytes of a file; its name goes along for the ending only. */
    upload: async (path, bytes, { filename } = {}) =>
        read(
            await send(path, {
                body: bytes,
                headers: {
                    "Content-Type": "application/octet-stream",
                    ...(filename ? { "X-Filename": encodeURIComponent(filename) } : {}),
                },
            }),
        ),

    /** A file from the server, with the name it proposes. */
    async download(path, body) {
        const response = await send(path, asJson(body));
        const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
        return new File([await response.blob()], name?.[1] ?? "hyalite");
    },

    /** Says that the page goes; answered by nobody. */
    leave: () => send("/api/leave", { ...asJson({}), keepalive: true }).catch(() => undefined),

    /** Whether the page has, or with this key can get, the right to speak to the server. */
    async enter(key) {
        if (key) {
            try {
                const { token } = await read(await send("/api/enter", asJson({ key })));
                sessionStorage.setItem(TOKEN, token);
                return true;
            } catch (error) {
                if (!(error instanceof ApiError)) throw error; // a key used before: a reloaded page has its token
            }
        }
        if (sessionStorage.getItem(TOKEN)) return true;
        const handed = await askTabs();
        return handed ? this.enter(handed) : false;
    },
};

/** A page without a key, as of a link in a new tab, asks the other tabs of this server for one. */
function askTabs() {
    const channel = new BroadcastChannel(TABS);
    return new Promise((resolve) => {
        const done = (key) => {
            channel.close();
            resolve(key);
        };
        channel.onmessage = ({ data }) => data.key && done(data.key);
        channel.postMessage({ wanted: true });
        setTimeout(() => done(null), 600);
    });
}

/** Answers other tabs of this server that ask for a key. */
export function helpTabs() {
    const channel = new BroadcastChannel(TABS);
    channel.onmessage = async ({ data }) => {
        if (data.wanted) channel.postMessage(await api.post("/api/key"));
    };
}

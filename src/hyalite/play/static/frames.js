/** Decoding a frame: a JSON header, then arrays of numbers, seen in place without copying. */

const MAGIC = 0x31505948; // "HYP1"
const TYPES = { u1: Uint8Array, i4: Int32Array, f4: Float32Array };

/** `{ header, arrays: { a: { maps, … }, b: {} } }`; each array has its `shape`. */
export function decode(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < 8 || head.getUint32(0, true) !== MAGIC) throw new Error("not a frame");
    const length = head.getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const arrays = { a: {}, b: {} };
    for (const { run = "a", name, type, shape, offset } of header.arrays ?? []) {
        const size = shape.reduce((product, side) => product * side, 1);
        const array = new TYPES[type](buffer, 8 + length + offset, size);
        array.shape = shape;
        arrays[run ?? "a"][name] = array;
    }
    return { header, arrays };
}

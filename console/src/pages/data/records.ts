/** An image record of MXNet's RecordIO, as im2rec packs it (dmlc recordio.h; image_recordio.h). */
export interface ImageRecord {
  readonly offset: number;
  readonly labels: readonly number[];
  /** Index of the picture in its list. */
  readonly id: number;
  readonly image: Uint8Array<ArrayBuffer>;
}

const magic = 0xced7230a;
const headerBytes = 24;

/** A picture by its first bytes; null for what a browser would not show. */
export function pictureType(bytes: Uint8Array): 'image/jpeg' | 'image/png' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png';
  return null;
}

/**
 * The whole image records at the beginning of a file, at most `limit`; null where the bytes are no RecordIO of images. A
 * record that the magic number's bytes have cut into parts is left out: it takes the rest of the file to put it together.
 */
export function imageRecords(bytes: ArrayBuffer, limit: number): ImageRecord[] | null {
  const view = new DataView(bytes);
  if (bytes.byteLength < 8 || view.getUint32(0, true) !== magic) return null;
  const records: ImageRecord[] = [];
  let at = 0;
  while (records.length < limit && at + 8 <= bytes.byteLength && view.getUint32(at, true) === magic) {
    const word = view.getUint32(at + 4, true);
    const [part, length] = [word >>> 29, word & 0x1fffffff];
    const start = at + 8;
    if (start + length > bytes.byteLength) break;
    if (part === 0 && length >= headerBytes) {
      const flag = view.getUint32(start, true);
      const id = Number(view.getBigUint64(start + 8, true));
      const image = start + headerBytes + 4 * flag;
      if (image <= start + length) {
        const labels = flag === 0 ? [view.getFloat32(start + 4, true)] : Array.from({ length: flag }, (_, i) => view.getFloat32(start + headerBytes + 4 * i, true));
        records.push({ offset: at, labels, id, image: new Uint8Array(bytes, image, start + length - image) });
      }
    }
    at = start + length + ((4 - (length % 4)) % 4);
  }
  return records;
}

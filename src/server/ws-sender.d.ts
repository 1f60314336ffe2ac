// What @types/ws leaves out: how `ws` frames a message (its doc/ws.md has no word of it; lib/sender.js does).
export {};

declare module 'ws' {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- as it is
  export class Sender {
    /** The parts of one frame, in order: its head, and `data` itself. */
    static frame(
      data: Buffer,
      options: { readonly fin: boolean; readonly opcode: number; readonly rsv1: boolean; readonly mask: boolean; readonly readOnly: boolean },
    ): Buffer[];
  }
}

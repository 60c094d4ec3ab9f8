// What leads from the diagram to other files of the draft: forms, decisions and called processes open in their own editor,
// in a new tab, after this one is saved.

/** vocabulary: what the server offers; save: () => a promise, whether this file is on the server. */
export function portsOf({ boot, vocabulary, save }) {
  return { addressOf: (file) => `${boot.draft.url}/edit/${file}`, openForm() {}, createForm() {}, openDecision() {}, createDecision() {}, openProcess() {} };
}

// The FEEL editors colour their text with a style sheet. Made by a script it needs no `<style>`, which the pages' policy forbids.

export const file = /style-mod[\\/]src[\\/]style-mod\.js$/;
export const texts = [['if (!root.head && root.adoptedStyleSheets', 'if (root.adoptedStyleSheets']];

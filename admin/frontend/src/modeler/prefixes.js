// Namespace prefixes the modeler cannot write back. It gives every namespace one prefix of its own, and loses what belongs
// to one that came without a prefix, or with a prefix it knows for another namespace (`camunda:` of an Activiti file,
// `color:` of the draft of that standard). Such a file is read with another prefix; what it says stays the same.

const ROOT = /<([A-Za-z_][\w.-]*:)?definitions(?=[\s>])(?:"[^"]*"|'[^']*'|[^>"'])*>/;
const DECLARED = /\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ASIDE = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/g;
const BARE = /<(?![^>\s/]*:)[A-Za-z_]/;

/** text: of a diagram; packages: [{ prefix, uri }] the modeler knows. Returns a text it writes back whole. */
export function writable(text, packages) {
  const tag = ROOT.exec(text)?.[0];
  if (!tag) return text;
  const known = new Set(packages.map(({ uri }) => uri));
  const taken = new Map(packages.map(({ prefix, uri }) => [prefix, uri]));
  const declared = [...tag.matchAll(DECLARED)].map(([whole, prefix, one, other]) => ({ whole, prefix, uri: one ?? other }));
  const used = new Set([...declared.map(({ prefix }) => prefix), ...taken.keys()]);
  let better = tag;
  for (const { whole, prefix, uri } of declared) {
    if (known.has(uri) || !uri) continue;
    if (prefix === undefined) {
      if (!BARE.test(text.replace(ASIDE, ''))) better = better.replace(whole, '');
    } else if (taken.has(prefix)) {
      let free = 1;
      while (used.has(`${prefix}_${free}`)) free += 1;
      used.add(`${prefix}_${free}`);
      // In front of all others: the first prefix of a namespace is the one it keeps.
      better = better.replace(/definitions/, () => `definitions xmlns:${prefix}_${free}="${uri.replaceAll('"', '&quot;')}"`);
    }
  }
  return better === tag ? text : text.replace(tag, () => better);
}

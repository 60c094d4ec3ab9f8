// A field to choose from many by typing a part of a name: one or several, of what the server knows or, where it is free, any text.
// Works with the keyboard alone: arrows, Enter, Escape, and Backspace for the last one chosen.

import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useMemo, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { DescriptionEntry, TooltipEntry, useError } from '@bpmn-io/properties-panel';
import { plain } from '../../language.js';

const MOST = 100;

/**
 * options: [{ value, label, note }]; values: what is chosen; onChange(values). multiple: several; free: what is typed counts too;
 * check(text): what is wrong with a typed text, or nothing.
 */
export function Combo({ element, id, label, tooltip, description, options, values, onChange, multiple = false, free = false, check, placeholder, actions = [] }) {
  const known = useMemo(() => new Map(options.map((one) => [one.value, one])), [options]);
  const said = (value) => known.get(value)?.label ?? value;
  const current = multiple ? '' : values.length ? said(values[0]) : '';
  const [text, setText] = useState(current);
  const [typed, setTyped] = useState(false);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [wrong, setWrong] = useState('');
  const input = useRef();
  const list = useRef();
  const error = useError(id) || wrong;

  useEffect(() => { setText(current); setTyped(false); setWrong(''); }, [current]);
  useEffect(() => { list.current?.querySelector('[data-here]')?.scrollIntoView({ block: 'nearest' }); }, [at, open]);

  const asked = typed ? text.trim().toLocaleLowerCase() : '';
  const offered = options
    .filter((one) => !(multiple && values.includes(one.value)))
    .filter((one) => !asked || [one.value, one.label, one.note].some((part) => (part ?? '').toLocaleLowerCase().includes(asked)))
    .slice(0, MOST);
  const prefix = `bio-properties-panel-${id}`;

  const choose = (value) => {
    setWrong('');
    setTyped(false);
    if (multiple) {
      onChange([...values, value]);
      setText('');
      setAt(-1);
      input.current?.focus();
    } else {
      onChange(value ? [value] : []);
      setText(value ? said(value) : '');
      setOpen(false);
    }
  };
  const take = () => {
    const meant = text.trim();
    if (!typed) return true;
    if (!meant) {
      if (!multiple && values.length) choose('');
      return true;
    }
    const same = options.find((one) => [one.value, one.label].some((part) => part?.toLocaleLowerCase() === meant.toLocaleLowerCase()));
    if (same) {
      if (!values.includes(same.value)) choose(same.value);
      return true;
    }
    const problem = free ? check?.(meant) : plain('请从列表中选择一项。', 'Choose one of the list.');
    if (problem) {
      setWrong(problem);
      return false;
    }
    choose(meant);
    return true;
  };
  const leave = (event) => {
    if (event.currentTarget.contains(event.relatedTarget)) return;
    setOpen(false);
    if (take()) setText((now) => (multiple ? '' : now));
  };
  const keys = (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt(offered.length ? (at + step + offered.length) % offered.length : -1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open && offered[at]) choose(offered[at].value);
      else if (open && typed && asked && offered.length === 1 && !free) choose(offered[0].value);
      else take();
      setOpen(multiple);
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
      setText(current);
      setTyped(false);
      setWrong('');
    } else if (event.key === 'Backspace' && multiple && !text && values.length) {
      onChange(values.slice(0, -1));
    }
  };

  return h('div', { class: `bio-properties-panel-entry redress-combo${error ? ' has-error' : ''}`, 'data-entry-id': id, onFocusOut: leave },
    h('label', { for: prefix, class: 'bio-properties-panel-label' }, h(TooltipEntry, { value: tooltip, forId: id, element }, label)),
    multiple && values.length > 0 && h('ul', { class: 'redress-chosen', 'aria-label': label }, values.map((value) =>
      h('li', { key: value, class: known.has(value) ? '' : 'unknown', title: known.has(value) ? known.get(value).note : plain('登记中没有这一项', 'Not known here') },
        h('span', null, said(value)),
        h('button', {
          type: 'button', 'aria-label': `${plain('去掉', 'Remove')} ${said(value)}`,
          onClick: () => onChange(values.filter((one) => one !== value))
        }, '×')))),
    h('div', { class: 'redress-combo-box' },
      h('input', {
        ref: input, id: prefix, name: id, type: 'text', class: 'bio-properties-panel-input', autocomplete: 'off', spellcheck: false,
        role: 'combobox', 'aria-expanded': String(open && offered.length > 0), 'aria-controls': `${prefix}-list`, 'aria-autocomplete': 'list',
        'aria-activedescendant': open && offered[at] ? `${prefix}-${at}` : undefined,
        'aria-invalid': error ? 'true' : undefined, 'aria-describedby': error ? `${prefix}-error` : undefined,
        'data-chosen': values.length ? 'yes' : '',
        value: text, placeholder: placeholder ?? plain('输入以查找', 'Type to find'),
        onInput: (event) => { setText(event.target.value); setTyped(true); setOpen(true); setAt(-1); setWrong(''); },
        onFocus: (event) => { event.target.select(); },
        onClick: () => setOpen(true),
        onKeyDown: keys
      }),
      !multiple && values.length > 0 && h('button', {
        type: 'button', class: 'redress-clear', 'aria-label': `${plain('清除', 'Clear')} ${label}`, title: plain('清除', 'Clear'), onClick: () => choose('')
      }, '×'),
      open && offered.length > 0 && h('ul', { ref: list, id: `${prefix}-list`, role: 'listbox', class: 'redress-options', 'aria-label': label },
        offered.map((one, index) => h('li', {
          key: one.value, id: `${prefix}-${index}`, role: 'option', 'aria-selected': String(values.includes(one.value)), 'data-value': one.value,
          'data-here': index === at ? '' : undefined,
          onMouseDown: (event) => { event.preventDefault(); choose(one.value); }
        }, h('span', null, one.label), one.note && h('small', null, one.note))))),
    error && h('div', { class: 'bio-properties-panel-error', id: `${prefix}-error` }, error),
    actions.length > 0 && h('div', { class: 'redress-actions' }, actions.map(({ id: name, label: words, run }) =>
      h('button', { key: name, type: 'button', class: 'button small', 'data-action': name, onClick: run }, words))),
    h(DescriptionEntry, { forId: id, element, value: description }));
}

/** Whether something is chosen, for the mark beside the group. */
export const isChosen = (node) => Boolean(node && node.dataset.chosen);

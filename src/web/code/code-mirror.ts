import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface CodeEditor {
  /** Shows other code, unless it is the code already. */
  replace(code: string): void;
  destroy(): void;
}

export interface EditorOptions {
  parent: HTMLElement;
  code: string;
  /** For screen readers. */
  label: string;
  onChange: (code: string) => void;
  onRun: () => void;
}

/** Colours are variables of the style sheet, for light and dark. */
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--_code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--_code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--_code-number)' },
  { tag: [tags.comment], color: 'var(--_code-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className],
    color: 'var(--_code-name)',
  },
]);

const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'inherit', fontSize: 'inherit' },
  '.cm-content, .cm-scroller': { fontFamily: 'var(--_mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--_text)', padding: '0.6rem 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--_muted)', border: 'none' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { maxHeight: 'var(--mnt-editor-max-height, 24rem)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--_hover)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--_selection)' },
});

/** A Python editor. Tab leaves it, as keyboards without a mouse need; Ctrl-Enter and Shift-Enter run. */
export function createEditor({ parent, code, label, onChange, onRun }: EditorOptions): CodeEditor {
  const run = (): boolean => {
    onRun();
    return true;
  };
  const root = parent.getRootNode();
  const view = new EditorView({
    parent,
    ...((root instanceof ShadowRoot || root instanceof Document) && { root }),
    state: EditorState.create({
      doc: code,
      extensions: [
        keymap.of([
          { key: 'Mod-Enter', run },
          { key: 'Shift-Enter', run },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        history(),
        lineNumbers(),
        bracketMatching(),
        python(),
        indentUnit.of('    '),
        syntaxHighlighting(highlighting),
        theme,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    replace(text) {
      const before = view.state.doc.toString();
      if (before !== text) view.dispatch({ changes: { from: 0, to: before.length, insert: text } });
    },
    destroy: () => view.destroy(),
  };
}

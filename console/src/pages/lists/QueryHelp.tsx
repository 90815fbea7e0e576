import { useI18n } from '../../i18n/I18n';
import type { MessageKey } from '../../i18n/en';

const fields: readonly (readonly [string, MessageKey])[] = [
  ['index', 'lists.queryHelp.index'],
  ['line', 'lists.queryHelp.line'],
  ['label', 'lists.queryHelp.label'],
  ['label[N]', 'lists.queryHelp.labelN'],
  ['labels', 'lists.queryHelp.labels'],
  ['class', 'lists.queryHelp.class'],
  ['boxes', 'lists.queryHelp.boxes'],
  ['path, folder, name', 'lists.queryHelp.path'],
];

const examples = ['label = 3 and path ~ "cats/*"', 'class in (1, 4) and not name ~ *_blurred.jpg', '(index < 100 or index >= 900) and label[2] = 1'];

/** The language of `millrace lst --where`. */
export function QueryHelp() {
  const { t } = useI18n();
  return (
    <div className="mr-query-help">
      <p>{t('lists.queryHelp.text')}</p>
      <dl>
        {fields.map(([name, meaning]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
      <p>{t('lists.queryHelp.tests')}</p>
      {examples.map((example) => (
        <div key={example}>
          <code>{example}</code>
        </div>
      ))}
    </div>
  );
}

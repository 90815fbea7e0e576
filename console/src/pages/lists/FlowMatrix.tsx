import type { Flow } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { flowMatrix } from './flow';

interface Properties {
  readonly flow: readonly Flow[];
  readonly names: ClassNames;
}

/** Rows that went from one class to another: from the class of the line to that of the column. */
export function FlowMatrix({ flow, names }: Properties) {
  const { t, tn, number } = useI18n();
  const matrix = flowMatrix(flow);
  if (matrix.from.length === 0) return null;
  const most = Math.max(...flow.map((one) => one.Count));
  return (
    <div className="mr-flow" role="region" tabIndex={0} aria-label={t('diff.flow')}>
      <table>
        <caption>{t('diff.flow')}</caption>
        <thead>
          <tr>
            <td aria-hidden />
            {matrix.to.map((label) => (
              <th key={label} scope="col">
                → {names.one(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.from.map((from) => (
            <tr key={from}>
              <th scope="row">{names.one(from)}</th>
              {matrix.to.map((to) => {
                const count = matrix.count(from, to);
                return (
                  <td key={to} className="mr-number" style={count === 0 ? {} : { background: `color-mix(in srgb, var(--mr-accent) ${Math.round(8 + (32 * count) / most)}%, transparent)` }}>
                    {count === 0 ? '·' : number(count)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {matrix.more > 0 && <p className="mr-hint">{tn('diff.flowMore', matrix.more)}</p>}
    </div>
  );
}

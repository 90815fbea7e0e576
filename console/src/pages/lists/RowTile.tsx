import { memo } from 'react';
import type { ListRow } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import type { Found } from './atlases';
import type { ClassNames } from './classNames';
import { Picture } from './Picture';

interface Properties {
  readonly row: ListRow | undefined;
  readonly found: Found | undefined;
  readonly names: ClassNames;
}

/** Signs beside the words, so that a change is seen at a glance and never by colour alone. */
export const changeSigns = { added: '+', removed: '−', relabelled: '~', moved: '>', replaced: '⇄', renumbered: '#' } as const;

function Mark({ row }: { row: ListRow }) {
  const { t } = useI18n();
  if (row.Changed === undefined) return null;
  return (
    <span className={`mr-mark mr-mark-${row.Changed}`} title={t(`lists.kind.${row.Changed}`)}>
      {changeSigns[row.Changed]}
    </span>
  );
}

/** A row as a picture with its class and file name. */
export const RowTile = memo(function RowTile({ row, found, names }: Properties) {
  return (
    <div className="mr-tile">
      <Picture found={row === undefined ? undefined : found} />
      {row && (
        <>
          <Mark row={row} />
          <div className="mr-tile-class" title={names.all(row.Labels)}>
            {names.all(row.Labels)}
          </div>
          <div className="mr-tile-path" title={row.Path}>
            {row.Path.replace(/^.*\//, '')}
          </div>
        </>
      )}
    </div>
  );
});

/** A row as the file has it: line, index, labels, path. */
export const RowLine = memo(function RowLine({ row, found, names }: Properties) {
  const { number } = useI18n();
  return (
    <div className="mr-line">
      <Picture found={row === undefined ? undefined : found} size={30} />
      {row && (
        <>
          <span className="mr-number mr-line-number">{row.Line === undefined ? '–' : number(row.Line)}</span>
          <span className="mr-number">{row.Index}</span>
          <span className="mr-line-labels">{row.Was ? `${names.all(row.Was)} → ${names.all(row.Labels)}` : names.all(row.Labels)}</span>
          <span className="mr-line-path" title={row.Path}>
            {row.Path}
          </span>
          <Mark row={row} />
        </>
      )}
    </div>
  );
});

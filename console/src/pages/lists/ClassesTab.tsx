import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import { useCollection } from '@cloudscape-design/collection-hooks';
import type { ClassCount } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';

/** How many rows each class has, and how far that is from the same share for all. */
export function ClassesTab({ classes, names, onClass }: { classes: readonly ClassCount[]; names: ClassNames; onClass: (label: number) => void }) {
  const { t, number, percent } = useI18n();
  const counts = classes.map((one) => one.Count);
  const most = Math.max(1, ...counts);
  const total = Math.max(1, counts.reduce((sum, count) => sum + count, 0));
  const fewest = Math.min(...counts);
  const { items, collectionProps, paginationProps } = useCollection<ClassCount>([...classes], {
    sorting: { defaultState: { sortingColumn: { sortingField: 'Label' } } },
    pagination: { pageSize: 100 },
  });
  const even = (100 * (total / Math.max(1, counts.length))) / most;
  return (
    <Table<ClassCount>
      {...collectionProps}
      trackBy="Label"
      items={items}
      contentDensity="compact"
      ariaLabels={{ tableLabel: t('lists.classes') }}
      header={
        <Header variant="h2" counter={`(${number(classes.length)})`} description={counts.length > 1 && most > fewest ? t('lists.imbalance', { ratio: fewest > 0 ? number(Math.round((10 * most) / fewest) / 10) : '∞' }) : undefined}>
          {t('lists.classes')}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'label',
          header: t('lists.class'),
          sortingField: 'Label',
          isRowHeader: true,
          cell: (one) => (
            <Link
              href="#"
              ariaLabel={t('lists.showClass', { name: names.one(one.Label) })}
              onFollow={(event) => {
                event.preventDefault();
                onClass(one.Label);
              }}
            >
              {names.one(one.Label)}
            </Link>
          ),
        },
        { id: 'count', header: t('lists.rowsColumn'), sortingField: 'Count', cell: (one) => <span className="mr-number">{number(one.Count)}</span> },
        { id: 'share', header: t('lists.share'), sortingField: 'Count', cell: (one) => <span className="mr-number">{percent(one.Count / total)}</span> },
        {
          id: 'bar',
          header: t('lists.balance'),
          cell: (one) => (
            <div className="mr-bar" aria-hidden>
              <div className="mr-bar-fill" style={{ inlineSize: `${(100 * one.Count) / most}%` }} />
              <div className="mr-bar-even" style={{ insetInlineStart: `${even}%` }} />
            </div>
          ),
        },
      ]}
      pagination={classes.length > 100 ? <Pagination {...paginationProps} /> : undefined}
      footer={counts.length > 1 && <Box variant="small">{t('lists.balanceHint')}</Box>}
      empty={t('lists.noRows')}
    />
  );
}

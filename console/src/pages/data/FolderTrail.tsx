import { paths } from '../../base/paths';
import { RouteLink } from '../../components/RouteLink';
import { useI18n } from '../../i18n/I18n';
import { foldersOf } from './folders';

/** The folders on the way from a bucket to where one is. */
export function FolderTrail({ bucket, prefix }: { bucket: string; prefix: string }) {
  const { t } = useI18n();
  const folders = foldersOf(prefix);
  return (
    <nav aria-label={t('store.folder')}>
      <ol className="mr-trail">
        <li>
          <RouteLink path={paths.bucket(bucket)}>{bucket}</RouteLink>
        </li>
        {folders.map((one, index) => {
          const name = one.name === '' ? '/' : one.name;
          return <li key={one.prefix}>{index === folders.length - 1 ? <span aria-current="page">{name}</span> : <RouteLink path={paths.bucket(bucket, one.prefix)}>{name}</RouteLink>}</li>;
        })}
      </ol>
    </nav>
  );
}

import { parseUri } from '../../api/s3';
import { StoreLink } from '../../components/StoreLink';

/** Where a list lies: a link for what the store shows, text for a file system. */
export function StoreAddress({ uri }: { uri: string }) {
  return parseUri(uri) ? <StoreLink uri={uri} /> : <span className="mr-wrap">{uri}</span>;
}

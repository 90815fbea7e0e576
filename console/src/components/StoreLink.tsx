import { objectPath, parseUri } from '../api/s3';
import { storePath } from '../base/paths';
import { RouteLink } from './RouteLink';
import Button from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';

/** An s3:// address that opens in the store; other addresses stay text. */
export function StoreLink({ uri }: { uri: string }) {
  const place = parseUri(uri);
  return place ? <RouteLink path={storePath(place.bucket, place.key)}>{uri}</RouteLink> : <>{uri}</>;
}

export function DownloadButton({ uri, children }: { uri: string; children: ReactNode }) {
  const place = parseUri(uri);
  if (!place) return null;
  return (
    <Button iconName="download" href={objectPath(place.bucket, place.key)} download={place.key.replace(/^.*\//, '')}>
      {children}
    </Button>
  );
}

import { useEffect, useMemo } from 'react';
import type { Atlas } from '../api/mr';
import { useI18n } from '../i18n/I18n';

interface Properties {
  readonly atlas: Atlas;
  readonly items: readonly { readonly key: string; readonly caption: string; readonly label: string }[];
  readonly size: number;
}

/** Small pictures cut out of one, each with its caption. */
export function Thumbnails({ atlas, items, size }: Properties) {
  const { t } = useI18n();
  const url = useMemo(() => URL.createObjectURL(atlas.picture), [atlas.picture]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <div className="mr-thumbnails">
      {items.map((item, index) => {
        const place = atlas.rectangles[index];
        return (
          <figure key={item.key} className="mr-thumbnail" style={{ inlineSize: size }}>
            {place === undefined || place.width === 0 ? (
              <div className="mr-no-picture" style={{ blockSize: size }}>
                {t('preview.noPicture')}
              </div>
            ) : (
              <div className="mr-thumbnail-frame" style={{ blockSize: size }}>
                <div role="img" aria-label={item.label} style={{ inlineSize: place.width, blockSize: place.height, backgroundImage: `url(${url})`, backgroundPosition: `-${place.x}px -${place.y}px` }} />
              </div>
            )}
            <figcaption>{item.caption}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** One package that is part of what the browser loads. */
interface Notice {
  name: string;
  version: string;
  licence: string;
  text: string;
}

const permissive = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense']);

/** "(MIT OR GPL-3.0)" is fine where one of the choices is. */
function isPermissive(licence: string): boolean {
  return licence.replace(/[()]/g, '').split(/ OR /).some((choice) => choice.split(/ AND /).every((one) => permissive.has(one)));
}

function noticeOf(folder: string): Notice {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|third-party)/i.test(file)).sort();
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return { name: about.name, version: about.version, licence: about.license ?? 'unknown', text };
}

/** The folder of the package that a module belongs to; null for our own. */
function packageFolder(id: string): string | null {
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0/, ''));
  return match?.[1] && existsSync(join(match[1], 'package.json')) ? match[1] : null;
}

/** Writes licences.json: every package of which a module went into the bundle, with its licence's text. */
export function licences(): Plugin {
  return {
    name: 'licences',
    apply: 'build',
    generateBundle() {
      const folders = new Set<string>();
      for (const id of this.getModuleIds()) {
        const folder = packageFolder(id);
        if (folder) folders.add(folder);
      }
      const notices = [...folders].map(noticeOf).sort((a, b) => a.name.localeCompare(b.name, 'en'));
      for (const notice of notices) {
        if (!isPermissive(notice.licence)) this.error(`${notice.name} has the licence ${notice.licence}, which is not permissive`);
      }
      this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify(notices) });
    },
  };
}

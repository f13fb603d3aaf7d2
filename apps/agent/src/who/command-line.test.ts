import { describe, expect, it } from 'vitest';
import { MAX_COMMAND_BYTES, toCommandLine } from './command-line.js';

const shown = (...words: string[]): string => toCommandLine(words, 'redacted');

describe('what is hidden of a command line', () => {
  it.each<[what: string, words: string[], line: string]>([
    ['a value given with =', ['app', '--password=hunter2', 'x'], 'app --password=*** x'],
    ['a value given as the next word', ['app', '--secret', 'hunter2', 'x'], 'app --secret *** x'],
    ['with one dash', ['app', '-password', 'hunter2'], 'app -password ***'],
    ['a name that holds the word', ['app', '--db-password=a b'], 'app --db-password=***'],
    ['in camel case', ['java', '-DdbPassword=x', '-jar', 'a.jar'], 'java -DdbPassword=*** -jar a.jar'],
    ['a property', ['java', '-Dspring.datasource.password=x'], 'java -Dspring.datasource.password=***'],
    [
      'an environment variable',
      ['env', 'AWS_SECRET_ACCESS_KEY=abc', 'ls'],
      'env AWS_SECRET_ACCESS_KEY=*** ls',
    ],
    [
      'a token',
      ['app', '--token=t', '--api-key=k', '--apikey', 'k'],
      'app --token=*** --api-key=*** --apikey ***',
    ],
    ['a query string', ['curl', 'https://h/x?token=abc&page=2'], 'curl https://h/x?token=***&page=2'],
    ['user and password of an address', ['psql', 'postgres://me:pw@db/app'], 'psql postgres://me:***@db/app'],
    ['a token as user', ['git', 'clone', 'https://0123456789abcdefghij@h/x'], 'git clone https://***@h/x'],
    ['a header', ['curl', '-H', 'Authorization: Bearer abc.def'], 'curl -H Authorization: ***'],
    ['a cookie', ['curl', '-H', 'Cookie: id=1'], 'curl -H Cookie: ***'],
    ['curl -u', ['curl', '-u', 'me:pw', 'http://h'], 'curl -u me:*** http://h'],
    ['mysql -p', ['/usr/bin/mysql', '-uroot', '-phunter2', 'db'], '/usr/bin/mysql -uroot -p*** db'],
    ['sshpass', ['sshpass', '-p', 'pw', 'ssh', 'h'], 'sshpass -p *** ssh h'],
    ['redis-cli -a', ['redis-cli', '-a', 'pw'], 'redis-cli -a ***'],
    ['an AWS key', ['aws', 'AKIAIOSFODNN7EXAMPLE'], 'aws ***'],
    ['an AWS secret', ['x', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'], 'x ***'],
    ['a GitHub token', ['x', 'ghp_0123456789abcdefghijABCDEFGHIJ012345'], 'x ***'],
    ['a JWT', ['x', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'], 'x ***'],
    ['long hex', ['x', '0123456789abcdef0123456789abcdef'], 'x ***'],
    [
      'in a script',
      ['sh', '-c', 'run --password hunter2; TOKEN="a b" go'],
      'sh -c run --password ***; TOKEN=*** go',
    ],
    ['JSON', ['x', '{"password": "hunter2", "a": 1}'], 'x {"password": ***, "a": 1}'],
    ['a private key', ['x', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----'], 'x ***'],
    ['a value that begins with a dash', ['app', '--secret', '-hunter2', 'x'], 'app --secret *** x'],
    ['a value after a lone =', ['app', '--password', '=', 'hunter2'], 'app --password = ***'],
    ['a value after =', ['app', '--password=', 'hunter2'], 'app --password= ***'],
    ['short names', ['plink', '-pw', 'a', '--otp=b', '--jwt', 'c'], 'plink -pw *** --otp=*** --jwt ***'],
    ['a Java property', ['java', '-Dpwd=x', '-Duser.dir=/x'], 'java -Dpwd=*** -Duser.dir=/x'],
    ['keytool', ['keytool', '-storepass', 'a', '-keypass', 'b'], 'keytool -storepass *** -keypass ***'],
    [
      'a signed address',
      ['curl', 'https://h/x?X-Amz-Signature=ab&sig=cd&a=1'],
      'curl https://h/x?X-Amz-Signature=***&sig=***&a=1',
    ],
    ['a user without a scheme', ['x', '--proxy', 'me:pw@proxy:3128'], 'x --proxy me:***@proxy:3128'],
    [
      'curl -u joined',
      ['curl', '-ume:pw', '--user=me:pw', '-b', 'a=b'],
      'curl -ume:*** --user=me:*** -b ***',
    ],
    ['docker login', ['docker', 'login', '-u', 'me', '-p', 'pw'], 'docker login -u me -p ***'],
    ['openssl -k', ['openssl', 'enc', '-k', 'pw'], 'openssl enc -k ***'],
    ['sqlcmd', ['sqlcmd', '-U', 'sa', '-P', 'pw'], 'sqlcmd -U sa -P ***'],
    ['archives', ['7z', 'x', '-ppw', 'a.7z'], '7z x -p*** a.7z'],
    ['zip', ['zip', '-P', 'pw', 'a.zip'], 'zip -P *** a.zip'],
    ['htpasswd', ['htpasswd', '-cb', 'file', 'me', 'pw'], 'htpasswd -cb file me ***'],
    ['smbclient -U', ['smbclient', '-U', 'dom/me%pw'], 'smbclient -U dom/me%***'],
    ['lftp', ['lftp', '-u', 'me,pw', 'h'], 'lftp -u me,*** h'],
    ['mysqladmin', ['mysqladmin', 'password', 'pw'], 'mysqladmin password ***'],
    ['a setting by name', ['aws', 'set', 'aws_secret_access_key', 'x'], 'aws set aws_secret_access_key ***'],
    [
      'a Kubernetes secret',
      ['kubectl', 'create', 'secret', 'generic', 'x', '--from-literal=key=pw'],
      'kubectl create secret generic x --from-literal=key=***',
    ],
    ['what is piped to sudo', ['sh', '-c', 'echo pw | sudo -S ls'], 'sh -c echo ***| sudo -S ls'],
    ['mysql -p in a script', ['sh', '-c', 'mysql -u a -ppw -e x'], 'sh -c mysql -u a -p*** -e x'],
    ['curl -u in a script', ['sh', '-c', 'curl -u me:pw http://h'], 'sh -c curl -u me:*** http://h'],
    ['a Vault token', ['vault', 'login', 'hvs.CAESIJabcdefghij1234567890'], 'vault login ***'],
  ])('%s', (_what, words, line) => {
    expect(shown(...words)).toBe(line);
  });

  it.each<[what: string, words: string[]]>([
    ['an author', ['git', 'log', '--author=me']],
    ['a file that holds one', ['app', '--token-file=/run/t', '--password-file', '/run/p']],
    ['how long one lives', ['app', '--token-ttl=5m']],
    ['a word in a path', ['cat', '/etc/passwd', '/home/me/secret/notes']],
    ['a container in a path', ['x', '/var/lib/docker/overlay2/0123456789abcdef0123456789abcdef/merged']],
    ['a subcommand', ['kubectl', 'create', 'secret', 'generic']],
    ['keys without a value', ['pass', 'show', 'mail']],
    ['no password', ['app', '--no-password', 'x']],
    ['mysql without', ['mysql', '-p', 'db']],
    ['-p of others', ['docker', 'run', '-p', '80:80', 'x']],
    ['a port in an address', ['curl', 'http://host:8080/a@b']],
    ['a digest of an image', ['docker', 'run', '-p', '80:80', 'nginx:1.25@sha256:0abc']],
    ['who is looked up', ['getent', 'passwd', 'me']],
    ['a flag behind one that asks', ['psql', '--password', '--host=db']],
    ['a user and a group', ['chown', 'me:staff', 'x']],
    ['a long word', ['x', 'thisisaverylongwordofsmalllettersandnothingelse']],
    ['a compass', ['x', '--compass=north', 'bypass=1']],
  ])('%s is shown', (_what, words) => {
    expect(shown(...words)).toBe(words.join(' '));
  });

  it('shows all when asked to, and nothing when asked to', () => {
    expect(toCommandLine(['app', '--password=x'], 'full')).toBe('app --password=x');
    expect(toCommandLine(['app', '--password=x'], 'off')).toBe('');
  });

  it('of a line that was cut the last word goes, as its shape cannot be told', () => {
    expect(toCommandLine(['app', 'first', 'ghp_01234'], 'redacted', true)).toBe('app first…');
    const long = shown('app', 'x'.repeat(MAX_COMMAND_BYTES), 'AKIAIOSFODNN7EXAMPLE');
    expect(long.length).toBeLessThan(600);
    expect(long).not.toContain('AKIA');
  });

  it('is one line whatever a process calls itself', () => {
    expect(shown('a\nb', '\u001b[31mred', 'c\u202ed')).toBe('a b [31mred c d');
  });

  it.each([
    'a'.repeat(MAX_COMMAND_BYTES),
    '-'.repeat(MAX_COMMAND_BYTES),
    'pass'.repeat(MAX_COMMAND_BYTES / 4),
    'password=" '.repeat(MAX_COMMAND_BYTES / 11),
    '--token '.repeat(MAX_COMMAND_BYTES / 8),
    'x://'.repeat(MAX_COMMAND_BYTES / 4),
    'eyJaaaaaaaa.'.repeat(MAX_COMMAND_BYTES / 12),
    '-----BEGIN PRIVATE KEY-----'.repeat(MAX_COMMAND_BYTES / 27),
  ])('no word takes long: %#', (word) => {
    const startMs = performance.now();
    shown('app', word);
    // Some milliseconds here; a pattern that goes back over its own steps takes seconds.
    expect(performance.now() - startMs).toBeLessThan(300);
  });
});

import { maskOptions } from '../../src/inventory/driver-options.js';

test.each([
  [
    { type: 'cifs', o: 'username=me,password=hunter2,vers=3.0' },
    { type: 'cifs', o: 'username=me,password=********,vers=3.0' },
  ],
  [{ o: 'password=hunter2' }, { o: 'password=********' }],
  [{ o: 'rw, PASSWORD = hunter2 ,ro' }, { o: 'rw, PASSWORD =********,ro' }],
  [{ o: 'pass=hunter2,addr=1.2.3.4' }, { o: 'pass=********,addr=1.2.3.4' }],
  [{ password: 'hunter2' }, { password: '********' }],
  [
    { 'access-key': 'hunter2', secretKey: 'hunter2' },
    { 'access-key': '********', secretKey: '********' },
  ],
  [
    { type: 'nfs', o: 'addr=nas,rw', device: ':/export' },
    { type: 'nfs', o: 'addr=nas,rw', device: ':/export' },
  ],
  [{ o: 'user=bob%hunter2,rw' }, { o: 'user=bob%********,rw' }],
  [{ o: 'password="a,hunter2",rw' }, { o: 'password=********,rw' }],
  [{ o: 'password=a,,hunter2,rw' }, { o: 'password=********,rw' }],
  [{ device: '//bob:hunter2@nas/share' }, { device: '//bob:********@nas/share' }],
  [{ url: 'https://bob:hunter2@nas.example/x' }, { url: 'https://bob:********@nas.example/x' }],
  [{ device: '//nas/media' }, { device: '//nas/media' }],
  [{ o: 'compass=north' }, { o: 'compass=north' }],
])('%j shows no secret', (options, shown) => {
  expect(maskOptions(options)).toEqual(shown);
});

#!/usr/bin/python3
"""A real RTSP server for the tests: serves looping H.264 files live as rtsp://127.0.0.1:PORT/cam0, /cam1, …

usage: rtsp_server.py [--port 8554] [--fps 25] [--login USER:PASSWORD] FILE.h264 [FILE.h264 ...]
With --login every path wants that user (basic authentication). Prints "ready" once it listens.

FILE.h264 is Annex B with access unit delimiters and without B-frames:
  ffmpeg -i in.mp4 -c:v libx264 -bf 0 -g 25 -bsf:v h264_metadata=aud=insert -f h264 out.h264
Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
"""
import argparse
import signal

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtsp', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

DELIMITER = b'\x00\x00\x00\x01\x09'


class Loop(GstRtspServer.RTSPMediaFactory):
    """One file, played for ever; every client sees the same live stream."""

    def __init__(self, path, fps):
        super().__init__()
        with open(path, 'rb') as file:
            self.units = [DELIMITER + unit for unit in file.read().split(DELIMITER)[1:]]
        self.duration = Gst.SECOND // fps
        self.set_launch(
            '( appsrc name=src is-live=true format=time block=false max-buffers=4 max-bytes=0 '
            f'caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={fps}/1 '
            '! h264parse config-interval=-1 ! video/x-h264,alignment=au ! rtph264pay name=pay0 pt=96 )')
        self.set_shared(True)
        self.set_suspend_mode(GstRtspServer.RTSPSuspendMode.NONE)
        self.set_latency(0)
        self.connect('media-configure', self.feed)

    def feed(self, _factory, media):
        count = iter(range(1 << 62))

        def push(source, _length):
            n = next(count)
            buffer = Gst.Buffer.new_wrapped(self.units[n % len(self.units)])
            buffer.pts = buffer.dts = n * self.duration
            buffer.duration = self.duration
            source.emit('push-buffer', buffer)

        media.get_element().get_by_name('src').connect('need-data', push)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--port', default='8554')
    parser.add_argument('--fps', type=int, default=25)
    parser.add_argument('--login')
    parser.add_argument('files', nargs='+')
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address('127.0.0.1')
    server.set_service(options.port)
    viewer = None
    if options.login:
        user, password = options.login.split(':', 1)
        auth = GstRtspServer.RTSPAuth()
        viewer = GstRtspServer.RTSPToken()
        viewer.set_string('media.factory.role', 'viewer')
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), viewer)
        server.set_auth(auth)

    factories = [Loop(path, options.fps) for path in options.files]
    for n, factory in enumerate(factories):
        if viewer:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role('viewer', 'media.factory.access', True)
            permissions.add_permission_for_role('viewer', 'media.factory.construct', True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f'/cam{n}', factory)
    if server.attach(None) == 0:
        raise SystemExit('cannot bind port ' + options.port)

    loop = GLib.MainLoop()
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    print('ready', flush=True)
    loop.run()


main()

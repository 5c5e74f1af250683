using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActionStream.Publish.Mqtt;

/// <summary>libmosquitto as an <see cref="IMqttClient"/>: its loop runs on a thread of ours, because its own would reconnect behind our back.</summary>
internal sealed class MosquittoClient : IMqttClient
{
    private const int LoopMilliseconds = 1000;
    private const int SessionTakenOver = 0x8E; // MQTT 5 says so; 3.1.1 just cuts the connection

    // Guards the native client against use after it was destroyed. No callback takes it, so it can be held across calls.
    private readonly Lock _native = new();
    private readonly MosquittoPending _pending = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<MqttException?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private nint _client;
    private GCHandle _self;
    private bool _usesTls;
    private volatile bool _leave;
    private volatile bool _saidGoodbye;
    private volatile bool _isTakenOver;
    private volatile string? _lastError;

    public event Action<MqttMessage>? Received;

    public Task<MqttException?> Ended => _ended.Task;

    public async Task ConnectAsync(MqttOptions options, string clientId, MqttMessage? will, CancellationToken cancel)
    {
        Prepare(options, clientId, will);
        // Its own thread: name lookup and the loop block.
        new Thread(() => Run(options)) { IsBackground = true, Name = "mqtt" }.Start();
        try
        {
            await _connected.Task.WaitAsync(options.ConnectTimeout, cancel);
        }
        catch (TimeoutException)
        {
            throw new MqttException(MqttFault.Timeout, $"{options.Host}:{options.Port} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s");
        }
    }

    public unsafe Task PublishAsync(MqttMessage message, CancellationToken cancel)
    {
        var mid = 0;
        lock (_native)
        {
            fixed (byte* payload = message.Payload.Span)
            {
                Throw(_client == 0
                    ? LibMosquitto.NoConnection
                    : LibMosquitto.Publish(_client, out mid, message.Topic, message.Payload.Length, payload, message.Qos, message.Retain));
            }
        }

        return _pending.WaitFor(mid, cancel);
    }

    public Task SubscribeAsync(string filter, int qos, CancellationToken cancel)
    {
        var mid = 0;
        lock (_native)
        {
            Throw(_client == 0 ? LibMosquitto.NoConnection : LibMosquitto.Subscribe(_client, out mid, filter, qos));
        }

        return _pending.WaitFor(mid, cancel);
    }

    public async Task DisconnectAsync(CancellationToken cancel)
    {
        _saidGoodbye = true;
        lock (_native)
        {
            if (_client == 0 || LibMosquitto.Disconnect(_client) != LibMosquitto.Success)
            {
                return;
            }
        }

        await _left.Task.WaitAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_native)
        {
            _leave = true;
            if (_client == 0)
            {
                return;
            }

            if (LibMosquitto.Socket(_client) is >= 0 and var socket)
            {
                _ = LibMosquitto.ShutdownSocket(socket, (int)SocketShutdown.Both); // wakes the loop; the broker sees a connection cut
            }
        }

        // A name lookup cannot be interrupted; the thread then leaves and cleans up by itself.
        await _left.Task.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Prepare(MqttOptions options, string clientId, MqttMessage? will)
    {
        MqttProvider.ThrowIfMissing();
        _self = GCHandle.Alloc(this);
        _client = LibMosquitto.New(clientId, true, GCHandle.ToIntPtr(_self));
        if (_client == 0)
        {
            _self.Free();
            throw new MqttException(MqttFault.Rejected, $"libmosquitto does not accept the client id {clientId}");
        }

        try
        {
            Configure(options, will);
        }
        catch
        {
            Destroy();
            throw;
        }
    }

    private unsafe void Configure(MqttOptions options, MqttMessage? will)
    {
        Throw(LibMosquitto.ThreadedSet(_client, true)); // a publish from another thread wakes the loop
        _ = LibMosquitto.IntOption(_client, LibMosquitto.TcpNoDelay, 1); // an older library without it works, only slower
        if (options.Protocol == "5")
        {
            Throw(LibMosquitto.IntOption(_client, LibMosquitto.ProtocolVersion, LibMosquitto.Mqtt5));
        }

        LibMosquitto.OnConnect(_client, &Connected);
        LibMosquitto.OnDisconnect(_client, &Disconnected);
        LibMosquitto.OnPublish(_client, &Published);
        LibMosquitto.OnSubscribe(_client, &Subscribed);
        LibMosquitto.OnMessage(_client, &MessageReceived);
        LibMosquitto.OnLog(_client, &Logged);
        if (will is { } last)
        {
            fixed (byte* payload = last.Payload.Span)
            {
                Throw(LibMosquitto.WillSet(_client, last.Topic, last.Payload.Length, payload, last.Qos, last.Retain));
            }
        }

        if (!string.IsNullOrEmpty(options.Username))
        {
            Throw(LibMosquitto.UserSet(_client, options.Username, options.Password.Reveal()));
        }

        if (options.Tls is { Enabled: true } tls)
        {
            _usesTls = true;
            if (tls.CaFile is null)
            {
                Throw(LibMosquitto.IntOption(_client, LibMosquitto.TlsUseSystemCertificates, 1));
            }

            var code = LibMosquitto.TlsSet(_client, tls.CaFile, null, tls.CertFile, tls.KeyFile, 0);
            if (code != LibMosquitto.Success)
            {
                throw new MqttException(MqttFault.Tls, $"the certificate files cannot be used: {Text(code)}");
            }
        }
    }

    private void Run(MqttOptions options)
    {
        var code = LibMosquitto.ConnectAsync(_client, options.Host, options.Port, (int)options.KeepAlive.TotalSeconds);
        var errno = Marshal.GetLastPInvokeError();
        while (code == LibMosquitto.Success && !_leave)
        {
            code = LibMosquitto.Loop(_client, LoopMilliseconds, 1);
            errno = Marshal.GetLastPInvokeError();
        }

        Destroy();
        var fault = Fault(options, code, errno);
        _ended.TrySetResult(_saidGoodbye ? null : fault);
        _connected.TrySetException(fault);
        _pending.Fail(fault);
        _left.TrySetResult();
    }

    private void Destroy()
    {
        lock (_native)
        {
            LibMosquitto.Destroy(_client);
            _client = 0;
            _self.Free();
        }
    }

    private MqttException Fault(MqttOptions options, int code, int errno)
    {
        var where = $"{options.Host}:{options.Port}";
        if (_connected.Task.IsCompletedSuccessfully)
        {
            return new(_isTakenOver ? MqttFault.TakenOver : MqttFault.Lost, $"the connection to {where} was lost: {(_leave ? "closed" : Text(code))}");
        }

        // What went wrong with certificates stands only in the library's log.
        return code switch
        {
            LibMosquitto.NameLookup => new(MqttFault.HostUnknown, $"the name {options.Host} does not resolve"),
            _ when _usesTls && (code == LibMosquitto.TlsFailed || _lastError is not null) =>
                new(MqttFault.Tls, $"{where}: TLS failed: {_lastError ?? Text(code)}"),
            LibMosquitto.Errno when errno != 0 => new(MqttFault.Refused, $"{where}: {Marshal.GetPInvokeErrorMessage(errno)}"),
            LibMosquitto.ConnectionLost or LibMosquitto.NoConnection =>
                new(MqttFault.Refused, $"{where} closed the connection before answering{(_usesTls ? " (does it speak TLS?)" : " (does it want TLS?)")}"),
            _ => new(MqttFault.Refused, $"{where}: {Text(code)}"),
        };
    }

    private static void Throw(int code)
    {
        if (code != LibMosquitto.Success)
        {
            throw new MqttException(MqttFault.Lost, Text(code));
        }
    }

    private static unsafe string Text(int code) => Marshal.PtrToStringUTF8((nint)LibMosquitto.ErrorText(code)) ?? $"error {code}";

    private static MosquittoClient Of(nint self) => (MosquittoClient)GCHandle.FromIntPtr(self).Target!;

    // The callbacks run on our loop thread, called from C: nothing may be thrown through them.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Connected(nint client, nint self, int code) => _ = code switch
    {
        0 => Of(self)._connected.TrySetResult(),
        4 or 5 or 0x86 or 0x87 => Of(self)._connected.TrySetException(new MqttException(MqttFault.Auth, "the broker does not accept user and password")),
        _ => Of(self)._connected.TrySetException(
            new MqttException(MqttFault.Rejected, $"the broker refuses the connection: {code switch
            {
                1 => "it does not speak MQTT 3.1.1",
                2 => "it does not accept the client id",
                3 => "it is not available",
                _ => $"code {code}",
            }}")),
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Disconnected(nint client, nint self, int code)
    {
        var me = Of(self);
        me._isTakenOver |= code == SessionTakenOver;
        me._leave |= code == 0 || me._saidGoodbye;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Published(nint client, nint self, int mid) => Of(self)._pending.Done(mid, null);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void Subscribed(nint client, nint self, int mid, int count, int* granted) =>
        Of(self)._pending.Done(
            mid, count > 0 && granted[0] < 0x80 ? null : new MqttException(MqttFault.Auth, "the broker refuses the subscription"));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void MessageReceived(nint client, nint self, LibMosquitto.Message* message)
    {
        try
        {
            Of(self).Received?.Invoke(new(
                Marshal.PtrToStringUTF8((nint)message->Topic) ?? "",
                new ReadOnlySpan<byte>(message->Payload, message->Length).ToArray(),
                message->Qos,
                message->Retain != 0));
        }
        catch (Exception broken) when (Ignore(broken))
        {
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void Logged(nint client, nint self, int level, byte* text)
    {
        if (level == LibMosquitto.LogError)
        {
            Of(self)._lastError = Marshal.PtrToStringUTF8((nint)text);
        }
    }

    // The subscriber broke its promise not to throw; that must not take the process down.
    private static bool Ignore(Exception broken) => broken is not null;
}

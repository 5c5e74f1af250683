using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Subscriber;

/// <summary>Stays subscribed: after each lost connection it connects again, with longer and longer waits.</summary>
internal sealed class Subscription(Arguments asked, Printer printer, TextWriter notes, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken leave)
    {
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                await ListenAsync(() => wait = FirstWait, leave);
            }
            catch (Exception lost) when (IsPassing(lost) && !leave.IsCancellationRequested)
            {
                notes.WriteLine($"subscriber: {asked}: {lost.Message}; again in {wait.TotalSeconds:0} s");
            }

            await Task.Delay(wait, time, leave);
        }
    }

    // A timeout of MQTTnet's own comes as a cancellation.
    private static bool IsPassing(Exception lost) =>
        lost is MqttCommunicationException or MqttProtocolViolationException or OperationCanceledException or IOException;

    private async Task ListenAsync(Action connected, CancellationToken leave)
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new MqttClientFactory().CreateMqttClient();
        client.DisconnectedAsync += end =>
        {
            ended.TrySetResult(end.Exception?.Message ?? end.Reason.ToString());
            return Task.CompletedTask;
        };

        // One message after the other: the next is not taken before this one is printed.
        client.ApplicationMessageReceivedAsync += received =>
        {
            printer.Print(received.ApplicationMessage.Topic, received.ApplicationMessage.Payload);
            return Task.CompletedTask;
        };
        var answer = await client.ConnectAsync(Options(), leave);
        if (answer.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new MqttCommunicationException($"the broker refuses: {answer.ResultCode}");
        }

        await SubscribeAsync(client, leave);
        notes.WriteLine($"subscriber: listening to {asked.Prefix}/+/events and {asked.Prefix}/+/status at {asked}");
        connected();
        var why = await ended.Task.WaitAsync(leave);
        throw new MqttCommunicationException($"the connection was lost: {why}");
    }

    private async Task SubscribeAsync(IMqttClient client, CancellationToken leave)
    {
        var filters = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter($"{asked.Prefix}/+/status", MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter($"{asked.Prefix}/+/events", MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        var answer = await client.SubscribeAsync(filters, leave);
        if (answer.Items.FirstOrDefault(item => (int)item.ResultCode >= 0x80) is { } refused)
        {
            throw new MqttCommunicationException($"the broker refuses {refused.TopicFilter.Topic}: {refused.ResultCode}");
        }
    }

    private MqttClientOptions Options()
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(asked.Host, asked.Port)
            .WithProtocolVersion(MqttProtocolVersion.V311)
            .WithClientId(asked.Session ?? $"actionstream-subscriber-{Environment.MachineName}-{Environment.ProcessId}")
            .WithCleanSession(asked.Session is null)
            .WithTimeout(TimeSpan.FromSeconds(10));
        if (asked.User is { } user)
        {
            options.WithCredentials(user, asked.Password);
        }

        return options.Build();
    }
}

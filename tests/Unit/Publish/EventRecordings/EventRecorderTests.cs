using System.Diagnostics.Metrics;
using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Publish.EventRecordings;
using ActionStream.Publish.Events;
using ActionStream.Publish.Media;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Publish.Snapshots;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.EventRecordings;

/// <summary>From the steps of events to stretches of footage and names of files. Footage comes when a test says so.</summary>
public sealed class EventRecorderTests : IDisposable
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "Fall floor"] };

    private readonly string _folder = Directory.CreateTempSubdirectory("clips-").FullName;
    private readonly FakeClock _clock = new();
    private readonly FakeRecordingBuffer _buffer = new();
    private readonly Meter _meter = new("test");
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];
    private readonly MqttLink _link;
    private readonly MediaStore _store;
    private readonly EventRecorder _clips;
    private readonly CancellationTokenSource _leave = new();

    public EventRecorderTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter && instrument.Name == "actionstream.event.recordings")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (_counts)
            {
                var result = (string)tags[0].Value!;
                _counts[result] = _counts.GetValueOrDefault(result) + count;
            }
        });
        _listener.Start();
        _link = new(
            new MqttOptions { Prefix = "p" }, "edge", _meter, _clock, new Random(1), new LogLines<MqttLink>(),
            new FakeBroker().CreateClient);
        _store = new(_folder, TimeSpan.FromDays(1), 1_000_000);
        _clips = new(
            new EventRecordingOptions { Enabled = true, PreRoll = S(5), PostRoll = S(4), Longest = S(60) }, _buffer, _store, Card,
            new("edge", "boot", "0.1.0", "cpu"), _link.Outbox, _link.Topics, new EventRecordingMeter(_meter), _clock,
            new LogLines<EventRecorder>());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
        _link.Dispose();
        _leave.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private string Counts
    {
        get
        {
            lock (_counts)
            {
                return string.Join(' ', _counts.Where(count => count.Value > 0).OrderBy(count => count.Key, StringComparer.Ordinal)
                    .Select(count => $"{count.Key}={count.Value}"));
            }
        }
    }

    /// <param name="at">Presentation time of the decision.</param>
    /// <param name="duration">From the event's start to what is known of it.</param>
    private static ActionEvent Step(EventType type, double at, double duration, int number = 1, int epoch = 3) => new(
        type, string.Create(CultureInfo.InvariantCulture, $"front-20260101T101502.{number:000}Z-7f3a"), "Fall floor", 1, 0.9, 0.9, 0.9,
        DateTimeOffset.UnixEpoch, null, S(duration), type is EventType.End ? EndReason.Score : null,
        default(Decision) with { Stream = "front", Presentation = S(at), Epoch = epoch });

    private static string UrlOf(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"/media/front/front-20260101T101502.{number:000}Z-7f3a.mp4");

    [Fact]
    public async Task A_clip_reaches_from_before_the_start_to_after_the_end_in_the_streams_own_time_and_the_end_names_it()
    {
        Assert.Null(_clips.OnEvent(Step(EventType.Start, at: 100.5, duration: 0.5))); // so it began at 100
        Assert.Null(_clips.OnEvent(Step(EventType.Update, at: 104, duration: 4)));
        // it lasted until 110, and a pause was waited for
        Assert.Equal(UrlOf(1), _clips.OnEvent(Step(EventType.End, at: 112, duration: 10)));
        Assert.Null(_store.Open("front", UrlOf(1).Split('/')[^1]));

        await RunToItsEnd();
        Assert.Equal([new RecordingSpan("front", 3, S(95), S(114))], _buffer.Joined);
        using var kept = new StreamReader(_store.Open("front", UrlOf(1).Split('/')[^1])!);
        Assert.Equal("film", await kept.ReadToEndAsync());
        Assert.Equal("whole=1", Counts);
        Assert.Empty(Directory.EnumerateFiles(_folder, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Nothing_is_joined_before_its_last_piece_is_there()
    {
        _buffer.Until = S(113);
        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0));
        _clips.OnEvent(Step(EventType.End, at: 112, duration: 10));
        var running = _clips.RunAsync(_leave.Token);
        await AnotherLook();
        await AnotherLook();
        Assert.Empty(_buffer.Joined);

        _buffer.Until = S(115);
        await Until(() => Counts == "whole=1");
        Assert.Single(_buffer.Joined);
        await End(running);
    }

    [Fact]
    public async Task An_event_that_goes_on_and_on_gets_its_clip_when_that_is_as_long_as_it_may_be()
    {
        _buffer.Until = S(155.5);
        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0));
        var running = _clips.RunAsync(_leave.Token);
        await Until(() => Counts == "whole=1");
        Assert.Equal([new RecordingSpan("front", 3, S(95), S(155))], _buffer.Joined);

        Assert.Equal(UrlOf(1), _clips.OnEvent(Step(EventType.End, at: 500, duration: 390))); // and none is made again
        await End(running);
        Assert.Single(_buffer.Joined);
    }

    [Fact]
    public async Task A_last_piece_that_never_comes_is_not_waited_for_for_ever()
    {
        _buffer.Until = S(112);
        _buffer.Answer = RecordingResult.Partial;
        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0));
        _clips.OnEvent(Step(EventType.End, at: 112, duration: 10));
        var running = _clips.RunAsync(_leave.Token);
        await AnotherLook();
        await AnotherLook();
        Assert.Empty(_buffer.Joined);
        _clock.Advance(S(4) + EventRecorder.Patience);
        await Until(() => Counts == "partial=1");
        await End(running);
    }

    [Theory]
    [InlineData(RecordingResult.Missing, "missing=1")]
    [InlineData(RecordingResult.Failed, "failed=1")]
    public async Task A_clip_that_cannot_be_made_leaves_no_file_and_is_counted_with_its_reason(RecordingResult result, string counts)
    {
        _buffer.Answer = result;
        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0));
        _clips.OnEvent(Step(EventType.End, at: 112, duration: 10));
        await RunToItsEnd();
        Assert.Equal(counts, Counts);
        Assert.Empty(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void More_events_at_once_than_are_filmed_are_counted_and_their_ends_name_nothing()
    {
        for (var i = 0; i <= EventRecorder.Most; i++)
        {
            _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0, number: i));
        }

        Assert.Equal("queue_full=1", Counts);
        Assert.Null(_clips.OnEvent(Step(EventType.End, at: 112, duration: 10, number: EventRecorder.Most)));
        Assert.NotNull(_clips.OnEvent(Step(EventType.End, at: 112, duration: 10, number: 0)));
    }

    [Fact]
    public void A_camera_whose_stream_is_not_kept_has_no_clips_and_nothing_is_counted()
    {
        _buffer.IsOn = false;
        Assert.Null(_clips.OnEvent(Step(EventType.Start, at: 100, duration: 0)));
        Assert.Null(_clips.OnEvent(Step(EventType.End, at: 112, duration: 10)));
        Assert.Equal("", Counts);
    }

    [Fact]
    public async Task At_the_end_of_the_service_what_there_is_is_joined_and_when_it_must_leave_the_rest_is_counted()
    {
        _buffer.Until = S(101);
        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0));
        _clips.OnEvent(Step(EventType.End, at: 101, duration: 1));
        await RunToItsEnd();
        Assert.Equal("whole=1", Counts);

        _clips.OnEvent(Step(EventType.Start, at: 100, duration: 0, number: 2));
        await _leave.CancelAsync();
        _buffer.Answer = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _clips.RunAsync(_leave.Token));
        Assert.Equal("stopped=1 whole=1", Counts);
    }

    private async Task RunToItsEnd()
    {
        _clips.Complete();
        await _clips.RunAsync(_leave.Token).WaitAsync(S(10));
    }

    /// <summary>Lets the running loop look once more, and waits for what should come of it.</summary>
    private async Task Until(Func<bool> isSo)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 5000 && !isSo(); i++)
        {
            await Task.Delay(2);
        }

        Assert.True(isSo());
    }

    private Task AnotherLook()
    {
        var looks = _buffer.Looks;
        return Until(() => _buffer.Looks > looks);
    }

    private async Task End(Task running)
    {
        _clips.Complete();
        await Until(() => running.IsCompleted);
        await running;
    }

    private sealed class FakeRecordingBuffer : IRecordingBuffer
    {
        private readonly List<RecordingSpan> _joined = [];
        private int _looks;

        public bool IsOn { get; set; } = true;

        /// <summary>What there is.</summary>
        public TimeSpan Until { get; set; } = TimeSpan.MaxValue;

        /// <summary>Null to answer with a cancellation.</summary>
        public RecordingResult? Answer { get; set; } = RecordingResult.Whole;

        public int Looks => Volatile.Read(ref _looks);

        public IReadOnlyList<RecordingSpan> Joined => _joined;

        public bool IsKept(string stream) => IsOn;

        public bool IsComplete(RecordingSpan span)
        {
            Interlocked.Increment(ref _looks);
            return span.To <= Until;
        }

        public async Task<RecordingResult> JoinAsync(RecordingSpan span, string path, CancellationToken cancel)
        {
            if (Answer is not { } answer)
            {
                throw new OperationCanceledException(cancel);
            }

            _joined.Add(span);
            await File.WriteAllTextAsync(path, "film", cancel);
            return answer;
        }
    }
}

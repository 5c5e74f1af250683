using System.Diagnostics.Metrics;

namespace ActionStream.Bench.Asleep;

/// <summary>How many cameras sleep, by the product's own gauge.</summary>
internal sealed class SleepGauge : IDisposable
{
    private const string Name = "actionstream.camera.asleep";

    private readonly MeterListener _listener = new();
    private int _asleep;

    public SleepGauge()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _asleep += value);
        _listener.Start();
    }

    /// <summary>Cameras that sleep now.</summary>
    public int Read()
    {
        _asleep = 0;
        _listener.RecordObservableInstruments();
        return _asleep;
    }

    public void Dispose() => _listener.Dispose();
}

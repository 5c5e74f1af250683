using System.Globalization;

namespace Obvious;

/// <summary>Sends decisions to the broker; each package set has its own way (Publisher.Nuget.cs, Publisher.System.cs).</summary>
internal sealed partial class Publisher : IDisposable
{
    public void Publish(string camera, int best, float score) => Send(
        $"obvious/{camera}", string.Create(CultureInfo.InvariantCulture, $$"""{"class":{{best}},"score":{{score:0.0000}}}"""));

    private partial void Send(string topic, string payload);
}

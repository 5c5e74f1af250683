namespace ActionStream.Publish;

/// <summary>Does to cameras what is asked over MQTT and is not the publisher's own to do. Called on the client's thread.</summary>
public interface ICameraControls
{
    /// <summary>Switches a camera's source on or off, and reports <see cref="Core.Results.StreamState.Disabled"/> when it is off.</summary>
    void Switch(string camera, bool isOn);

    /// <summary>Publishes a snapshot of a camera soon. False where nobody makes any.</summary>
    bool TakeSnapshot(string camera);

    /// <summary>Keeps a camera awake for so long from now on. False where none sleeps.</summary>
    bool Wake(string camera, TimeSpan time);
}

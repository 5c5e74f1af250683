namespace ActionStream.Publish.Mqtt.Receiving;

/// <summary>Carries out what people ask of cameras over MQTT. Called on the client's thread.</summary>
internal interface ICommandTarget
{
    /// <summary>False for another node's camera, whose commands reach us too.</summary>
    bool Knows(string camera);

    CommandOutcome Switch(string camera, bool isOn);

    CommandOutcome SetThreshold(string camera, string classSlug, double enter);

    CommandOutcome TakeSnapshot(string camera);

    CommandOutcome Wake(string camera, TimeSpan time);
}

/// <summary>What became of a command: a closed set, because it is a metric label.</summary>
internal enum CommandOutcome
{
    Done,

    /// <summary>The broker had kept it from some earlier day; nobody means it now.</summary>
    Retained,

    /// <summary>Not the word or number that was expected.</summary>
    Malformed,

    /// <summary>Longer than any command, whatever it says; the rest was not even kept.</summary>
    TooLarge,

    /// <summary>A number that none of its kind can have.</summary>
    OutOfRange,

    /// <summary>This camera's model makes no events of that class.</summary>
    UnknownClass,

    /// <summary>Not switched on in this configuration.</summary>
    Unsupported,
}

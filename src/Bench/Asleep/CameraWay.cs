namespace ActionStream.Bench.Asleep;

/// <summary>How the service looks at its cameras.</summary>
internal enum CameraWay
{
    /// <summary>One child that reads and decodes everything, as for sources without packets.</summary>
    OneChild,

    /// <summary>Two children, and nobody sleeps.</summary>
    Awake,

    /// <summary>Two children, and whoever may sleeps.</summary>
    Auto,
}

Console.WriteLine("actionstream");
